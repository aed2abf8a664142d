import CLinux
import Glibc
package import System

/// A child process whose output arrives as bytes and whose end is an event on the loop (pidfd, Linux 5.3).
///
/// The kernel sends the child SIGTERM when the thread that started it ends (PR_SET_PDEATHSIG), so start children from a
/// thread that lives as long as the program. Loop thread only.
package final class ChildProcess: ReadinessHandler {
    package let pid: Int32
    private let loop: EventLoop
    private let descriptor: Int32
    private var registration: Registration?
    private var exited: ((ExitStatus) -> Void)?

    /// Starts the command with standard output and error joined and readable from the descriptor that `output` gets
    /// (non-blocking; the receiver owns it, also if it throws). `exited` is called once. Where this throws, no process
    /// and no descriptor is left.
    package init(
        _ command: ChildCommand, on loop: EventLoop, output: (Int32) throws(SystemError) -> Void,
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
            pid = try command.spawn(output: ends[1], error: ends[1])
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

    package func signal(_ signal: Signal) {
        if exited != nil { kill(pid, signal.rawValue) }
    }

    package func descriptorReady(_ readiness: Readiness) {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return }
        if let registration { loop.unregister(registration) }
        registration = nil
        Glibc.close(descriptor)
        let callback = exited
        exited = nil
        callback?(ExitStatus(waitStatus: status))
    }
}
