package import Events
package import System
package import Telemetry
import Timing

/// Ends the service on SIGTERM and SIGINT, as `ShutdownMachine` says. Belongs to the service's first loop.
package final class Lifecycle {
    /// Stops one part of the service, within the time that is left; returns when nothing of it runs any more.
    package typealias StopHook = (_ grace: Duration) async -> Void

    private let loop: EventLoop
    private let readiness: ServiceReadiness
    private let log: Log
    private var machine: ShutdownMachine
    private var announceHooks: [() -> Void] = []
    private var stopHooks: [StopHook] = []
    private var signals: SignalSource?
    private var timer: Timer?
    /// Flushes the log and ends the process.
    private let finish: () -> Void

    /// SIGTERM and SIGINT must be blocked in all threads (`SignalSource.block`). `finish` comes once, at the very end.
    package init(
        on loop: EventLoop, delay: Duration, grace: Duration, readiness: ServiceReadiness, log: Log,
        finish: @escaping () -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.readiness = readiness
        self.log = log
        self.finish = finish
        machine = ShutdownMachine(delay: delay, grace: grace)
        // Strong: as long as it can end, it lives.
        signals = try SignalSource([.terminate, .interrupt], on: loop) { self.received($0) }
        timer = Timer(on: loop) { [weak self] in self?.timerFired() }
    }

    /// Runs when the end is announced, while the service still serves: at the beginning of the delay.
    package func onAnnounce(_ hook: @escaping () -> Void) { announceHooks.append(hook) }

    /// Runs when the delay is over; hooks run one after the other, in the order in which they were added.
    package func onStop(_ hook: @escaping StopHook) { stopHooks.append(hook) }

    /// Ends the service as SIGTERM does.
    package func shutDown() { perform(machine.signalReceived(at: loop.now), signal: .terminate) }

    private func received(_ signal: Signal) {
        perform(machine.signalReceived(at: loop.now), signal: signal)
    }

    private func timerFired() {
        perform(machine.timerFired(at: loop.now), signal: .terminate)
    }

    private func perform(_ action: ShutdownMachine.Action, signal: Signal) {
        switch action {
        case .none:
            break
        case .announce(let until):
            let delay = DurationText.format(until - loop.now)
            log.info("Shutting down on \(signal.name); serving on for \(delay)")
            readiness.block("shutdown", because: "the service is shutting down")
            for hook in announceHooks { hook() }
            timer?.schedule(at: until)
        case .stop(let deadline, let giveUpAt):
            timer?.schedule(at: giveUpAt)
            runStopHooks(until: deadline)
        case .exit:
            timer?.cancel()
            signals?.close()
            log.info("Stopped")
            finish()
        case .exitAtOnce:
            log.info("Stopped at once by a second signal")
            log.flush()
            Program.exit(128 + signal.rawValue)
        }
    }

    private func runStopHooks(until deadline: Instant) {
        let bound = LoopBound(self, on: loop)
        loop.startTask {
            let lifecycle = bound.value
            for hook in lifecycle.stopHooks {
                await hook(max(deadline - lifecycle.loop.now, .zero))
            }
            lifecycle.perform(lifecycle.machine.hooksFinished(), signal: .terminate)
        }
    }
}
