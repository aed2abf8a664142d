package import RPCCore
package import Timing

/// The life of a subchannel, one server's address: a pure machine (gRPC's connectivity-semantics and
/// connection-backoff.md).
///
///     IDLE ──connect──► CONNECTING ──SETTINGS──► READY ──lost, GOAWAY──► IDLE
///                            │                                            ▲
///                            └──failed──► TRANSIENT_FAILURE ──back-off────┘
package struct SubchannelMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case none
        /// Open a connection.
        case startTransport
        /// The attempt took too long: close it. Its end is not reported back.
        case abandonTransport
    }

    private enum Phase: Hashable {
        case idle
        case connecting(timeout: Instant, nextAttempt: Instant)
        case ready
        case backingOff(until: Instant, RPCError)
        case shutdown
    }

    private let configuration: BackoffConfiguration
    private let endpoint: Endpoint
    private var backoff: Backoff
    private var phase = Phase.idle

    package init(_ configuration: BackoffConfiguration, endpoint: Endpoint) {
        self.configuration = configuration
        self.endpoint = endpoint
        backoff = Backoff(configuration)
    }

    /// nil once shut down.
    package var state: SubchannelState? {
        switch phase {
        case .idle: .idle
        case .connecting: .connecting
        case .ready: .ready
        case .backingOff(_, let error): .transientFailure(error)
        case .shutdown: nil
        }
    }

    /// When `timerFired` is due.
    package var deadline: Instant {
        switch phase {
        case .idle, .ready, .shutdown: .distantFuture
        case .connecting(let timeout, _): timeout
        case .backingOff(let until, _): until
        }
    }

    /// `random` is uniform in 0..<1, for the jitter.
    package mutating func connect(at now: Instant, random: Double) -> Action {
        guard case .idle = phase else { return .none }
        // The wait counts from the start of the attempt, and an attempt may last as long as the wait after it.
        let wait = backoff.next(random: random)
        let timeout = max(wait, configuration.minimumConnectTimeout)
        phase = .connecting(timeout: now + timeout, nextAttempt: now + wait)
        return .startTransport
    }

    /// SETTINGS have arrived, which also is the one thing that resets the back-off.
    package mutating func transportReady() {
        guard case .connecting = phase else { return }
        backoff.reset()
        phase = .ready
    }

    /// The connection could not be made, was lost, or takes no more calls.
    package mutating func transportEnded(_ error: RPCError) {
        switch phase {
        case .connecting(_, let nextAttempt): phase = .backingOff(until: nextAttempt, error)
        case .ready: phase = .idle
        case .idle, .backingOff, .shutdown: return
        }
    }

    package mutating func timerFired(at now: Instant) -> Action {
        switch phase {
        case .connecting(let timeout, let nextAttempt):
            guard now >= timeout else { return .none }
            phase = .backingOff(until: nextAttempt, RPCError(.unavailable, "\(endpoint): connecting took too long"))
            return .abandonTransport
        case .backingOff(let until, _):
            if now >= until { phase = .idle }
            return .none
        case .idle, .ready, .shutdown:
            return .none
        }
    }

    package mutating func shutdown() { phase = .shutdown }
}
