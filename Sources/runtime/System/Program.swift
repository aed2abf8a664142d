import Bytes
import CLinux
import Glibc

/// The running program and its surroundings.
package enum Program {
    package static var pid: Int32 { getpid() }
    package static var userID: UInt32 { getuid() }

    /// The absolute path of the program's file, links resolved.
    package static var executable: String? { FileSystem.linkTarget("/proc/self/exe") }

    /// What it is called: its file's name, for messages that say what to type.
    package static var name: String {
        ProcessTable.executable(of: pid)?.split(separator: "/").last.map { String($0) } ?? "?"
    }

    /// How many file descriptors the process may have open (RLIMIT_NOFILE).
    package static var descriptorLimit: Int {
        var limit = rlimit()
        // The call fails for a bad argument only. "Unlimited" does not fit into an Int.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(exactly: limit.rlim_cur) ?? .max
    }

    /// Lets the process open as many as it may: the soft limit, 1024 on many systems, is there for programs that use
    /// select(2), which cannot take higher numbers.
    package static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where it is forbidden, the old limit is what counts, as without this.
        unsafe _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Gives the system back every page of every heap that holds nothing any more. Takes milliseconds after a hundred
    /// megabytes.
    package static func returnFreeMemory() { clinux_return_free_memory() }

    package static var workingDirectory: String? { FileSystem.linkTarget("/proc/self/cwd") }

    package static func environment(_ name: String) -> String? {
        // Nothing here calls setenv, so the pointer stays valid.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// The names of all that is set in its environment.
    package static var environmentNames: [String] {
        var names: [String] = []
        var index = 0
        while let entry = unsafe environ[index] {
            let name = unsafe String(cString: entry).prefix { $0 != "=" }
            if !name.isEmpty { names.append(String(name)) }
            index += 1
        }
        return names
    }

    /// Says on standard error, in the name of the program, what is wrong: one line, which a log can hold; on a terminal,
    /// lines that it need not break inside a word.
    package static func complain(_ message: String, as name: String = name) {
        let line = "\(name): \(message)"
        let width = Output.error.isTerminal ? Output.error.columns ?? Paragraphs.width : .max
        Output.error.write(Paragraphs.fit(line, width: width) + "\n")
    }

    /// Standard output, or standard error.
    package enum Output: Int32, Sendable {
        case standard = 1
        case error = 2

        package var isTerminal: Bool { isatty(rawValue) == 1 }

        /// Columns of the terminal, if it is one.
        package var columns: Int? { size.flatMap { $0.ws_col > 0 ? Int($0.ws_col) : nil } }

        /// Lines of the terminal, if it is one.
        package var rows: Int? { size.flatMap { $0.ws_row > 0 ? Int($0.ws_row) : nil } }

        private var size: winsize? {
            var size = winsize()
            return unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
        }

        /// Writes at once and blocks as long as the reader does; false if the reader is gone.
        @discardableResult
        package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

        /// The same.
        @discardableResult
        package func write(_ bytes: [UInt8]) -> Bool {
            (try? FileSystem.writeAll(bytes, to: rawValue, named: "output")) != nil
        }
    }

    /// Ends the process without running anything else.
    package static func exit(_ status: Int32) -> Never { Glibc.exit(status) }
}
