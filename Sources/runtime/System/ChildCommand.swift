import CLinux
import Glibc

/// A program to start, and how.
package struct ChildCommand: Sendable {
    /// An absolute path.
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    package var directory: String?
    /// False for a process that is to outlive its parent; it then leads a session of its own.
    package var diesWithParent: Bool

    package init(
        executable: String, arguments: [String] = [], environment: [String: String] = [:],
        directory: String? = nil, diesWithParent: Bool = true
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.diesWithParent = diesWithParent
    }

    /// Starts it without watching it; the caller's own standard output and error are the child's if no
    /// descriptor is given.
    package func spawn(output: Int32 = 1, error: Int32 = 2) throws(SystemError) -> Int32 {
        let arguments = [executable] + self.arguments
        let environment = self.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let pid = unsafe ChildCommand.withCStrings(arguments) { arguments in
            unsafe ChildCommand.withCStrings(environment) { environment in
                unsafe clinux_spawn(
                    executable, arguments, environment, directory, output, error,
                    diesWithParent ? SIGTERM : 0, diesWithParent ? 0 : 1)
            }
        }
        if pid < 0 { throw SystemError.last("start \(executable)") }
        return pid
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            // The buffer holds at least the terminating nil.
            unsafe body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
        }
    }
}
