package import RPCCore
package import Timing

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

/// Whether a server that is connected wants calls, as far as somebody looks after that: its own health service (gRFC A17),
/// or a policy around this one (outlier_detection, A50).
package enum SubchannelHealth: Hashable, Sendable {
    /// Not known yet: calls wait, unless another server takes them.
    case connecting
    /// It does, or nobody looks after it.
    case serving
    case notServing(RPCError)
}

/// Decides which subchannels exist and how calls spread over them: pure, endpoints and states in, commands out.
///
/// A channel calls these methods one at a time and carries out what was asked for before the next. Policies nest: see
/// `ChildPolicy`. What is asked for a subchannel or a timer that is gone is ignored. States of a removed subchannel are
/// not reported. The time is `ChannelControlHelper.now`.
package protocol LoadBalancingPolicy {
    /// As service configs write it.
    static var name: String { get }

    /// A complete new set. Subchannels of addresses that are in both sets stay as they are. A set that is refused makes
    /// its resolver look again, with back-off; an empty one always is, and fails all picks.
    mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance
    /// The resolver failed. It matters only before the first set: later the last good set stays.
    mutating func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper)
    mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper)
    /// The health of a subchannel, which is READY or about to be: what is known of it is told before `ready`, and each
    /// connection begins as serving. The connection stays as it is; policies that spread calls leave out who is not
    /// serving, and `pick_first` by itself takes no notice (gRFC A61).
    mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper)
    /// A call came while the channel was IDLE.
    mutating func exitIdle(_ channel: inout ChannelControlHelper)
    /// A timer's time has passed.
    mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper)
    /// The last input: gives back all subchannels and timers.
    mutating func shutdown(_ channel: inout ChannelControlHelper)

    /// Where a call goes; asked while the picker is `.policy`.
    mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult
    /// A call has ended that was picked with `tracking`: once for each such pick, also if it was never sent.
    mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper)

    /// What it knows of its servers, for people.
    func account(at now: Instant) -> PolicyAccount
}

extension LoadBalancingPolicy {
    package mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper
    ) {}

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {}

    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult { .queue }

    package mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
    ) {}
}
