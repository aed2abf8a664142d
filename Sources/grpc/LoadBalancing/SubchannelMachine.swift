package import Addresses
package import RPCCore
package import Timing

/// The life of a subchannel, one server's address: a pure machine (gRPC's connectivity-semantics and
/// connection-backoff.md).
///
///     IDLE ──connect──► CONNECTING ──SETTINGS──► READY ──lost, GOAWAY──► IDLE
///                            │                     │                      ▲
///                            └──failed────────┐    └──lost too soon──┐    │
///                                             ▼                      ▼    │
///                                           TRANSIENT_FAILURE ──back-off──┘
///
/// "Too soon" is within a second of READY, with no answer to any call, for the second time in a row: a server that greets
/// and closes would otherwise be connected to thousands of times a second, since its SETTINGS reset the back-off. The
/// first time is forgiven, for the sake of calls that meet a server about to go; and a graceful end, as connection age
/// brings it about, is too soon only within a tenth of a second. The rule is ours; grpc-go and C core have none.
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
        case ready(since: Instant, nextAttempt: Instant)
        case backingOff(until: Instant, RPCError)
        case shutdown
    }

    /// A connection that lasts this long has been of use, whether calls came or not.
    private static let provingTime = Duration.seconds(1)
    private static let gracefulProvingTime = Duration.milliseconds(100)

    private let configuration: BackoffConfiguration
    private let address: SocketAddress
    private var backoff: Backoff
    private var phase = Phase.idle
    /// The last connection was lost too soon.
    private var isSuspect = false

    package init(_ configuration: BackoffConfiguration, address: SocketAddress) {
        self.configuration = configuration
        self.address = address
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

    /// SETTINGS have arrived, without which nothing resets the back-off.
    package mutating func transportReady(at now: Instant) {
        guard case .connecting(_, let nextAttempt) = phase else { return }
        phase = .ready(since: now, nextAttempt: nextAttempt)
    }

    /// How a connection was.
    package struct Service: Hashable, Sendable {
        /// A call got an answer on it.
        package var hasAnswered: Bool
        /// Its server ended it by GOAWAY NO_ERROR.
        package var endedGracefully: Bool

        package init(hasAnswered: Bool, endedGracefully: Bool) {
            self.hasAnswered = hasAnswered
            self.endedGracefully = endedGracefully
        }
    }

    /// The connection could not be made (`service` is nil), was lost, or takes no more calls.
    package mutating func transportEnded(_ error: RPCError, _ service: Service?, at now: Instant) {
        switch phase {
        case .connecting(_, let nextAttempt): phase = .backingOff(until: nextAttempt, error)
        case .ready(let since, let nextAttempt):
            let provingTime =
                service?.endedGracefully == true
                ? SubchannelMachine.gracefulProvingTime : SubchannelMachine.provingTime
            let wasOfUse = service?.hasAnswered == true || now >= since + provingTime
            if wasOfUse { backoff.reset() }
            phase = wasOfUse || !isSuspect ? .idle : .backingOff(until: nextAttempt, error)
            isSuspect = !wasOfUse
        case .idle, .backingOff, .shutdown: return
        }
    }

    package mutating func timerFired(at now: Instant) -> Action {
        switch phase {
        case .connecting(let timeout, let nextAttempt):
            guard now >= timeout else { return .none }
            phase = .backingOff(until: nextAttempt, RPCError(.unavailable, "\(address): connecting took too long"))
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
