package import Timing

/// The end of a service, step by step: not ready any more, serving on for the delay, stopping within the grace, over.
///
/// The order is Kubernetes': a pod leaves the endpoints only after it was told to end, so it has to serve for a while
/// what is still sent to it.
package struct ShutdownMachine: Hashable, Sendable {
    private enum State: Hashable {
        case running
        case delaying(until: Instant)
        case stopping(until: Instant)
        case over
    }

    /// What closing connections by force may take beyond the grace.
    package static let margin = Duration.seconds(1)

    private let delay: Duration
    private let grace: Duration
    private var state = State.running

    package init(delay: Duration, grace: Duration) {
        self.delay = delay
        self.grace = grace
    }

    package enum Action: Hashable, Sendable {
        case none
        /// Turn readiness off, go on serving, and call `timerFired` at the given time.
        case announce(until: Instant)
        /// Run the stop hooks, which have until `deadline`; call `hooksFinished` when they are done, and `timerFired`
        /// at `giveUpAt`.
        case stop(deadline: Instant, giveUpAt: Instant)
        /// Flush the log and exit with status 0.
        case exit
        /// Exit at once: whoever asks twice does not want to wait.
        case exitAtOnce
    }

    package mutating func signalReceived(at now: Instant) -> Action {
        switch state {
        case .running:
            let until = now + delay
            state = .delaying(until: until)
            return .announce(until: until)
        case .delaying, .stopping, .over:
            state = .over
            return .exitAtOnce
        }
    }

    package mutating func timerFired(at now: Instant) -> Action {
        switch state {
        case .delaying(let until):
            guard now >= until else { return .none }
            let deadline = now + grace
            let giveUpAt = deadline + ShutdownMachine.margin
            state = .stopping(until: giveUpAt)
            return .stop(deadline: deadline, giveUpAt: giveUpAt)
        case .stopping(let until):
            guard now >= until else { return .none }
            state = .over
            return .exit
        case .running, .over:
            return .none
        }
    }

    package mutating func hooksFinished() -> Action {
        switch state {
        case .stopping:
            state = .over
            return .exit
        // Hooks that end after the grace are too late to matter.
        case .over: return .none
        case .running, .delaying: return .none
        }
    }
}
