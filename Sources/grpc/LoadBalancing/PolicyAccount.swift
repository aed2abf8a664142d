package import Timing

/// What a policy knows at one moment of the servers that it chooses from: for people, and asked for seldom.
package struct PolicyAccount: Hashable, Sendable {
    /// nil is what this policy does not look at, or does not know yet.
    package struct Server: Hashable, Sendable {
        /// Calls a second that the server manages for the part of it that is busy: `weighted_round_robin`'s.
        package var weight: Double?
        /// What its answers take, as `peak_ewma` has it: decayed until now.
        package var latency: Duration?
        /// While `outlier_detection` keeps calls away from it.
        package var ejection: Ejection?

        package init(weight: Double? = nil, latency: Duration? = nil, ejection: Ejection? = nil) {
            self.weight = weight
            self.latency = latency
            self.ejection = ejection
        }
    }

    package struct Ejection: Hashable, Sendable {
        package var since: Instant
        /// When it is over by present knowledge: the first look after the time is.
        package var end: Instant
        /// Of how many calls, in the interval that it was ejected for.
        package var failed: Int
        package var calls: Int

        package init(since: Instant, end: Instant, failed: Int, calls: Int) {
            self.since = since
            self.end = end
            self.failed = failed
            self.calls = calls
        }
    }

    /// The policy's name, then that of the one within, and so on.
    package var policies: [String]
    /// By the subchannel that leads there.
    package var servers: [SubchannelID: Server] = [:]

    package init(policies: [String], servers: [SubchannelID: Server] = [:]) {
        self.policies = policies
        self.servers = servers
    }
}

extension LoadBalancingPolicy {
    package func account(at now: Instant) -> PolicyAccount { PolicyAccount(policies: [Self.name]) }
}
