package import Addresses
package import LoadBalancing
package import Timing

/// A channel's condition at one moment, for people.
package struct ChannelSnapshot: Sendable {
    package struct Subchannel: Sendable {
        package var address: SocketAddress
        package var state: ConnectivityState
        /// Calls that the policy has sent here.
        package var picks: Int
        package var inFlight: Int
        package var lastError: PastProblem?
        package var lastGoAway: PastProblem?
    }

    package var target: String
    package var policy: String
    package var state: ConnectivityState
    package var resolver: ResolverSnapshot
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
