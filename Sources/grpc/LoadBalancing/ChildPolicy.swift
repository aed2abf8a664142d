package import Timing

/// A policy inside another one. What it asks of the channel, the channel is asked; what it says of its state and its
/// picks is for the parent, who reads it here.
package struct ChildPolicy<Policy: LoadBalancingPolicy> {
    private(set) var policy: Policy
    package private(set) var state = ConnectivityState.idle
    package private(set) var picker = Picker.idle
    /// How often it has told state and picker.
    package private(set) var updates = 0
    private var subchannels: Set<SubchannelID> = []
    private var timers: Set<TimerID> = []

    package init(_ policy: Policy) {
        self.policy = policy
    }

    /// Gives the child an input. For the two below there is a way that knows whether it is the child's.
    package mutating func feed<Answer>(
        _ channel: inout ChannelControlHelper, _ input: (inout Policy, inout ChannelControlHelper) -> Answer
    ) -> Answer {
        let mark = channel.count
        let answer = input(&policy, &channel)
        channel.keep(from: mark) { note($0) }
        return answer
    }

    /// False if the subchannel is not the child's.
    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) -> Bool {
        guard subchannels.contains(id) else { return false }
        feed(&channel) { $0.subchannel(id, changedTo: state, &$1) }
        return true
    }

    /// False if the subchannel is not the child's.
    package mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper
    ) -> Bool {
        guard subchannels.contains(id) else { return false }
        feed(&channel) { $0.subchannel(id, healthChangedTo: health, &$1) }
        return true
    }

    /// False if the timer is not the child's.
    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) -> Bool {
        guard timers.remove(timer) != nil else { return false }
        feed(&channel) { $0.timerFired(timer, &$1) }
        return true
    }

    /// For a parent whose own picker is `.policy`. The child hears of the end of what it tracks by way of `feed`.
    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult {
        picker.pick { policy.pick(info, at: now) }
    }

    /// False for what stays with the parent.
    private mutating func note(_ command: PolicyCommand) -> Bool {
        switch command {
        case .create(let id, _): subchannels.insert(id)
        case .remove(let id): subchannels.remove(id)
        case .startTimer(let id, _): timers.insert(id)
        case .stopTimer(let id): timers.remove(id)
        case .connect, .resolveAgain: break
        case .update(let state, let picker):
            self.state = state
            self.picker = picker
            updates += 1
            return false
        }
        return true
    }
}
