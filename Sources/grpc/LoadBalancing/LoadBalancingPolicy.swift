package import RPCCore

/// Names a subchannel between a policy and its channel. Never reused within a channel.
package struct SubchannelID: Hashable, Sendable, Comparable {
    package let rawValue: Int

    package init(_ rawValue: Int) { self.rawValue = rawValue }

    package static func < (left: SubchannelID, right: SubchannelID) -> Bool { left.rawValue < right.rawValue }
}

/// A subchannel's state, as its policy sees it.
package enum SubchannelState: Hashable, Sendable {
    case idle
    case connecting
    case ready
    /// The attempt to connect failed with this error, or a connection was lost so soon after it was ready that it counts
    /// as failed; the subchannel goes to idle by itself when its back-off is over.
    case transientFailure(RPCError)

    package var connectivity: ConnectivityState {
        switch self {
        case .idle: .idle
        case .connecting: .connecting
        case .ready: .ready
        case .transientFailure: .transientFailure
        }
    }
}

/// What a policy wants its channel to do, in order.
package enum PolicyCommand: Hashable, Sendable {
    case create(SubchannelID, Endpoint)
    /// Start connecting, if idle.
    case connect(SubchannelID)
    /// Take no new calls, let those under way end, close.
    case remove(SubchannelID)
    /// Ask the resolver to look again.
    case resolveAgain
    /// Call `timerFired` after this long; replaces a timer that runs.
    case startTimer(Duration)
    case stopTimer
    /// The channel's state is now this, and calls are picked so.
    case update(ConnectivityState, Picker)
}

/// Decides which subchannels exist and how calls spread over them: pure, endpoints and states in, commands out.
///
/// A channel calls these methods one at a time and carries out the commands before the next. A command for a subchannel
/// that is gone is ignored. States of a removed subchannel are not reported.
package protocol LoadBalancingPolicy {
    static var name: LoadBalancingPolicyName { get }

    /// A complete new set. Subchannels of endpoints that are in both sets stay as they are. An empty set fails all picks.
    mutating func resolved(_ endpoints: [Endpoint]) -> [PolicyCommand]
    /// The resolver failed. It matters only before the first set: later the last good set stays.
    mutating func resolverFailed(_ error: RPCError) -> [PolicyCommand]
    mutating func subchannel(_ id: SubchannelID, changedTo state: SubchannelState) -> [PolicyCommand]
    /// A call came while the channel was IDLE.
    mutating func exitIdle() -> [PolicyCommand]
    /// The time that `startTimer` asked for has passed.
    mutating func timerFired() -> [PolicyCommand]
}

extension LoadBalancingPolicy {
    package mutating func timerFired() -> [PolicyCommand] { [] }
}
