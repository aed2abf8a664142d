package import RPCCore
package import Timing

/// Two policies, one of which is to take the other's place without a gap: a policy for the time between. (The name is
/// grpc-go's; C core's `ChildPolicyHandler` does the same.)
///
/// The old one serves on, with the addresses that it had, while the new one connects. It goes as soon as the new one is
/// anything but CONNECTING, so that whoever asks for another policy also sees it fail, or as soon as the old one is READY
/// no more. `successor` then has the new one, for the channel to go on with by itself.
package struct GracefulSwitch<New: LoadBalancingPolicy>: LoadBalancingPolicy {
    package static var name: String { New.name }

    private var old: any LoadBalancingPolicy
    private var new: ChildPolicy<New>
    private var isDone = false

    /// `old` is READY.
    package init(from old: any LoadBalancingPolicy, to new: New) {
        self.old = old
        self.new = ChildPolicy(new)
    }

    // MARK: To the new one

    package mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
        defer { look(&channel) }
        return new.feed(&channel) { $0.resolved(update, &$1) }
    }

    package mutating func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {
        new.feed(&channel) { $0.resolverFailed(error, &$1) }
        look(&channel)
    }

    package mutating func exitIdle(_ channel: inout ChannelControlHelper) {
        new.feed(&channel) { $0.exitIdle(&$1) }
        look(&channel)
    }

    // MARK: To whose it is

    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) {
        if !new.subchannel(id, changedTo: state, &channel) {
            feedOld(&channel) { $0.subchannel(id, changedTo: state, &$1) }
        }
        look(&channel)
    }

    package mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper
    ) {
        if !new.subchannel(id, healthChangedTo: health, &channel) {
            feedOld(&channel) { $0.subchannel(id, healthChangedTo: health, &$1) }
        }
        look(&channel)
    }

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        if !new.timerFired(timer, &channel) { feedOld(&channel) { $0.timerFired(timer, &$1) } }
        look(&channel)
    }

    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult { old.pick(info, at: now) }

    package mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
    ) {
        feedOld(&channel) { $0.callEnded(call, outcome, &$1) }
        look(&channel)
    }

    package func account(at now: Instant) -> PolicyAccount { old.account(at: now) }

    package mutating func shutdown(_ channel: inout ChannelControlHelper) {
        old.shutdown(&channel)
        new.feed(&channel) { $0.shutdown(&$1) }
    }

    // MARK: The switch

    /// What the old one says of its state holds as long as that is READY.
    private mutating func feedOld(
        _ channel: inout ChannelControlHelper,
        _ input: (inout any LoadBalancingPolicy, inout ChannelControlHelper) -> Void
    ) {
        let mark = channel.count
        input(&old, &channel)
        for case .update(let state, _) in channel.commands(from: mark) where state != .ready { isDone = true }
    }

    private mutating func look(_ channel: inout ChannelControlHelper) {
        // Before its first word the new one counts as idle, and has not heard of any address.
        if new.updates > 0, new.state != .connecting { isDone = true }
        guard isDone else { return }
        let mark = channel.count
        old.shutdown(&channel)
        // Whatever it says at its end.
        channel.keep(from: mark) { if case .update = $0 { false } else { true } }
        if new.updates > 0 {
            channel.update(new.state, new.picker)
        } else {
            channel.update(.connecting, .queue)
        }
    }
}

/// For the channel, which does not know between which policies it is.
package protocol PolicySwitch {
    /// Once the old policy is gone: who has taken its place.
    var successor: (any LoadBalancingPolicy)? { get }
    /// The one that still serves.
    var predecessor: any LoadBalancingPolicy { get }
    /// There will be another successor than this one.
    mutating func giveUpSuccessor(_ channel: inout ChannelControlHelper)
}

extension GracefulSwitch: PolicySwitch {
    package var successor: (any LoadBalancingPolicy)? { isDone ? new.policy : nil }
    package var predecessor: any LoadBalancingPolicy { old }
    package mutating func giveUpSuccessor(_ channel: inout ChannelControlHelper) {
        new.feed(&channel) { $0.shutdown(&$1) }
    }
}

extension LoadBalancingPolicy {
    /// From `old`, which is READY, to this one.
    package func following(_ old: any LoadBalancingPolicy) -> any LoadBalancingPolicy & PolicySwitch {
        GracefulSwitch(from: old, to: self)
    }
}
