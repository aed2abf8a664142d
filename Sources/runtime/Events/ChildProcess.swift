import CLinux
import Glibc

/// How a child ended.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let number): "signal \(number)"
        }
    }
}

/// A child process whose output arrives as bytes and whose end is an event on the loop (pidfd, Linux 5.3).
///
/// The kernel sends the child SIGTERM when the thread that started it ends (PR_SET_PDEATHSIG), so start children from a
/// thread that lives as long as the program. Loop thread only.
package final class ChildProcess: ReadinessHandler {
    package struct Command: Sendable {
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
    }

    package let pid: Int32
    private let loop: EventLoop
    private let descriptor: Int32
    private var registration: Registration?
    private var exited: ((ExitStatus) -> Void)?

    /// Starts the command with standard output and error joined and readable from the descriptor that `output` gets
    /// (non-blocking; the receiver owns it, also if it throws). `exited` is called once. Where this throws, no process
    /// and no descriptor is left.
    package init(
        _ command: Command, on loop: EventLoop, output: (Int32) throws(SystemError) -> Void,
        exited: @escaping (ExitStatus) -> Void
    ) throws(SystemError) {
        loop.preconditionCurrent()
        self.loop = loop
        self.exited = exited
        var ends: [Int32] = [-1, -1]
        if unsafe clinux_nonblocking_pipe(&ends) < 0 { throw SystemError.last("pipe") }
        // The child must find a blocking descriptor: programs do not expect EAGAIN from their standard output.
        _ = fcntl(ends[1], F_SETFL, 0)
        defer { Glibc.close(ends[1]) }
        do {
            pid = try ChildProcess.spawn(command, output: ends[1], error: ends[1])
        } catch {
            Glibc.close(ends[0])
            throw error
        }
        do {
            descriptor = try ChildProcess.openHandle(on: pid)
        } catch {
            Glibc.close(ends[0])
            ChildProcess.discard(pid)
            throw error
        }
        do {
            try output(ends[0])
            registration = try loop.register(descriptor, for: .readable, handler: self)
        } catch {
            Glibc.close(descriptor)
            ChildProcess.discard(pid)
            throw error
        }
    }

    private static func openHandle(on pid: Int32) throws(SystemError) -> Int32 {
        let descriptor = clinux_pidfd_open(pid)
        if descriptor < 0 { throw SystemError.last("pidfd_open") }
        return descriptor
    }

    /// Ends a child that nobody would ever hear of again. It dies at once, so that waiting for it holds nobody up.
    private static func discard(_ pid: Int32) {
        kill(pid, SIGKILL)
        _ = retryingInterrupted { waitpid(pid, nil, 0) }
    }

    /// Starts a command without watching it; the caller's own standard output and error are the child's if no
    /// descriptor is given.
    package static func spawn(_ command: Command, output: Int32 = 1, error: Int32 = 2) throws(SystemError) -> Int32 {
        let arguments = [command.executable] + command.arguments
        let environment = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let pid = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe clinux_spawn(
                    command.executable, arguments, environment, command.directory, output, error,
                    command.diesWithParent ? SIGTERM : 0, command.diesWithParent ? 0 : 1)
            }
        }
        if pid < 0 { throw SystemError.last("start \(command.executable)") }
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

    package func signal(_ signal: Signal) {
        if exited != nil { kill(pid, signal.rawValue) }
    }

    package func descriptorReady(_ readiness: Readiness) {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return }
        if let registration { loop.unregister(registration) }
        registration = nil
        Glibc.close(descriptor)
        let number = status & 0x7f
        let callback = exited
        exited = nil
        callback?(number == 0 ? .exited(status >> 8 & 0xff) : .signalled(number))
    }
}
