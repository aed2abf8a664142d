import CLinux
import Glibc
package import System

/// Delivers signals as events on a loop (signalfd).
///
/// A signal is caught here only if every thread blocks it: call `block` first in `main`, before any thread starts.
package final class SignalSource: ReadinessHandler {
    private let loop: EventLoop
    private let descriptor: Int32
    private let received: (Signal) -> Void
    private var registration: Registration?

    package init(_ signals: [Signal], on loop: EventLoop, received: @escaping (Signal) -> Void) throws(SystemError) {
        loop.preconditionCurrent()
        self.loop = loop
        self.received = received
        var set = SignalSource.set(of: signals)
        descriptor = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        if descriptor < 0 { throw SystemError.last("signalfd") }
        registration = try loop.register(descriptor, for: .readable, handler: self)
    }

    /// Blocks `signals` in the calling thread and those it starts, and ignores SIGPIPE: a write to a closed connection
    /// is an error to handle, not a reason to die.
    package static func block(_ signals: [Signal]) {
        var set = SignalSource.set(of: signals)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Those of them that whoever started the program has not switched off, as nohup does with SIGHUP. A signal that is
    /// blocked would come here all the same.
    package static func wanted(_ signals: [Signal]) -> [Signal] {
        signals.filter { signal in
            var action = sigaction()
            guard unsafe sigaction(signal.rawValue, nil, &action) == 0 else { return true }
            return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) != 1
        }
    }

    private static func set(of signals: [Signal]) -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
        return set
    }

    package func descriptorReady(_ readiness: Readiness) {
        var info = signalfd_siginfo()
        while unsafe read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size
        {
            if let signal = Signal(rawValue: Int32(info.ssi_signo)) { received(signal) }
        }
    }

    package func close() {
        guard let registration else { return }
        loop.unregister(registration)
        self.registration = nil
        Glibc.close(descriptor)
    }
}
