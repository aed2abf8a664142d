package import Timing

/// When a server closes a connection, and how: a pure machine (gRFC A9).
///
/// A graceful close takes two steps. GOAWAY with the highest stream id and a PING come first; calls that are on their
/// way are still taken. When the PING's answer shows that the client has seen it, or five seconds later at most, the
/// second GOAWAY names the last call that was taken. Calls under way end by themselves, bounded by the grace.
package struct ConnectionLifecycle: Hashable, Sendable {
    package struct Configuration: Hashable, Sendable {
        /// Age at which a connection is closed gracefully, ±10 % so that clients do not all come back at once; nil: never.
        package var maxAge: Duration?
        /// How long calls may go on after the second GOAWAY; nil: as long as they like.
        package var maxAgeGrace: Duration?
        /// A connection without calls for this long is closed gracefully; nil: never.
        package var maxIdle: Duration?

        package static let defaults = Configuration(maxAge: nil, maxAgeGrace: nil, maxIdle: nil)

        package init(maxAge: Duration?, maxAgeGrace: Duration?, maxIdle: Duration?) {
            self.maxAge = maxAge
            self.maxAgeGrace = maxAgeGrace
            self.maxIdle = maxIdle
        }
    }

    package enum Action: Hashable, Sendable {
        case none
        /// Send GOAWAY with the highest stream id, and after it a PING with `drainPing`.
        case announceShutdown(debugData: String)
        /// Send GOAWAY with the last stream taken; the connection closes when its streams have ended.
        case goAway(debugData: String)
        /// Close now.
        case close
    }

    private enum Phase: Hashable {
        case beforePreface
        case serving(expiry: Instant)
        case announced(secondStep: Instant, reason: String)
        case draining(hardStop: Instant)
    }

    /// Payload of the drain's PING, to tell its answer from a keepalive's.
    package static let drainPing: UInt64 = 0x6472_6169_6e21_0001
    /// A client that never answers the PING must not hold the drain up for ever.
    private static let pingWait = Duration.seconds(5)

    private let configuration: Configuration
    private let maxAge: Duration?
    private var phase = Phase.beforePreface
    private var idleSince: Instant?

    /// `random` is uniform in 0..<1; it sets this connection's share of the jitter.
    package init(_ configuration: Configuration, random: Double) {
        self.configuration = configuration
        // Cut to what 64 bits hold (292 years), because the configuration is the operator's.
        maxAge = configuration.maxAge.map {
            .nanoseconds(Int64(min(Double($0.nanoseconds) * (0.9 + 0.2 * random), 9.2e18)))
        }
    }

    package var hasStarted: Bool { phase != .beforePreface }

    /// It is being closed: the client has been told, or is about to be.
    package var isDraining: Bool {
        switch phase {
        case .beforePreface, .serving: false
        case .announced, .draining: true
        }
    }

    /// Whether `streamOpened` and `streamsEnded` make a difference: only the idle time counts them.
    package var streamCountMatters: Bool { configuration.maxIdle != nil }

    /// When `timerFired` is due.
    package var deadline: Instant {
        switch phase {
        case .beforePreface: .distantFuture
        case .serving(let expiry): min(expiry, idleExpiry)
        case .announced(let secondStep, _): secondStep
        case .draining(let hardStop): hardStop
        }
    }

    private var idleExpiry: Instant {
        guard let idleSince, let maxIdle = configuration.maxIdle else { return .distantFuture }
        return idleSince + maxIdle
    }

    /// The client's preface and SETTINGS are in.
    package mutating func started(at now: Instant) -> Action {
        phase = .serving(expiry: maxAge.map { now + $0 } ?? .distantFuture)
        if idleSince == nil { idleSince = now }
        return .none
    }

    package mutating func streamOpened(at now: Instant) -> Action {
        idleSince = nil
        return .none
    }

    /// No stream is open any more.
    package mutating func streamsEnded(at now: Instant) -> Action {
        if idleSince == nil { idleSince = now }
        return .none
    }

    package mutating func timerFired(at now: Instant) -> Action {
        switch phase {
        case .beforePreface: return .none
        case .serving(let expiry):
            if now >= expiry { return announce("max_age", at: now) }
            return now >= idleExpiry ? announce("max_idle", at: now) : .none
        case .announced(let secondStep, _): return now >= secondStep ? secondGoAway(at: now) : .none
        case .draining(let hardStop): return now >= hardStop ? .close : .none
        }
    }

    /// The server is stopping.
    package mutating func drain(at now: Instant) -> Action {
        switch phase {
        case .beforePreface: .close
        case .serving: announce("", at: now)
        case .announced, .draining: .none
        }
    }

    package mutating func drainPingAcknowledged(at now: Instant) -> Action {
        switch phase {
        case .announced: secondGoAway(at: now)
        // An answer nobody waits for: the five seconds were over before it came.
        case .beforePreface, .serving, .draining: .none
        }
    }

    private mutating func announce(_ reason: String, at now: Instant) -> Action {
        phase = .announced(secondStep: now + ConnectionLifecycle.pingWait, reason: reason)
        return .announceShutdown(debugData: reason)
    }

    private mutating func secondGoAway(at now: Instant) -> Action {
        guard case .announced(_, let reason) = phase else { return .none }
        phase = .draining(hardStop: configuration.maxAgeGrace.map { now + $0 } ?? .distantFuture)
        return .goAway(debugData: reason)
    }
}
