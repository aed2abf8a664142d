package import Addresses
package import LoadBalancing
package import RPCCore
package import Timing

/// A channel's condition at one moment, for people.
package struct ChannelSnapshot: Sendable {
    package struct Subchannel: Sendable {
        package var address: SocketAddress
        package var state: ConnectivityState
        /// Calls that the policy has sent here.
        package var picks: Int
        package var inFlight: Int
        /// nil if nobody watches over it.
        package var health: SubchannelHealth?
        /// What the policy knows of the server there; nil: nothing.
        package var account: PolicyAccount.Server?
        package var lastError: PastProblem?
        package var lastGoAway: PastProblem?
    }

    /// The gist of the service config in force.
    package struct ServiceConfig: Sendable {
        /// Names of methods and services that it has something for.
        package var methods: Int
        package var healthCheckService: String?
        /// nil without throttling.
        package var retryTokens: RetryTokens?
    }

    package var target: String
    package var policy: String
    /// The policy within, which chooses, if `policy` is around another one.
    package var childPolicy: String?
    package var state: ConnectivityState
    /// Why it is IDLE, if it is so by itself and not for want of a first call.
    package var idleReason: String?
    /// Without a call for so long it goes to IDLE; nil: never.
    package var idleTimeout: Duration?
    package var resolver: ResolverSnapshot
    package var serviceConfig: ServiceConfig
    /// In the order in which they were made.
    package var subchannels: [Subchannel]
    /// Calls that wait for a connection.
    package var queued: Int
}

/// What went wrong once, and when: it may be long over.
package struct PastProblem: Hashable, Sendable {
    package var reason: String
    package var time: Instant

    package init(_ reason: String, at time: Instant) {
        self.reason = reason
        self.time = time
    }
}
