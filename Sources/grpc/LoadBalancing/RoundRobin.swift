import Bytes
package import RPCCore

/// `round_robin`: a connection to every endpoint, and calls over those that are READY, one after the other.
///
/// The channel is READY if any endpoint is; else CONNECTING while any tries for the first time or after READY; else
/// TRANSIENT_FAILURE. Each endpoint is `pick_first`'s affair (gRFC A61): see `EndpointSharding`.
package struct RoundRobin: LoadBalancingPolicy {
    package static let name = LoadBalancingPolicyName.roundRobin.rawValue

    private var endpoints = EndpointSharding()
    private var generator: SplitMix64
    /// Whom the channel's picker goes round; empty if it is another one.
    private var rotating: Set<SubchannelID> = []

    package init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    package mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
        let answer = endpoints.resolved(update, &channel)
        self.update(&channel)
        return answer
    }

    package mutating func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {
        guard endpoints.isEmpty else { return }
        rotating = []
        channel.update(.transientFailure, .fail(error))
    }

    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) {
        if endpoints.subchannel(id, changedTo: state, &channel) { update(&channel) }
    }

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        if endpoints.timerFired(timer, &channel) { update(&channel) }
    }

    /// It never is.
    package mutating func exitIdle(_ channel: inout ChannelControlHelper) {}

    package mutating func shutdown(_ channel: inout ChannelControlHelper) { endpoints.shutdown(&channel) }

    private mutating func update(_ channel: inout ChannelControlHelper) {
        switch endpoints.condition {
        case .ready(let members):
            let subchannels = members.map(\.subchannel)
            // Neither a server that goes on failing beside them nor an answer in another order begins their round anew.
            guard Set(subchannels) != rotating else { return }
            let start = Int(truncatingIfNeeded: generator.next())
            guard let rotation = Rotation(subchannels, start: start) else { return }
            rotating = Set(subchannels)
            channel.update(.ready, .rotation(rotation))
        case .connecting:
            rotating = []
            channel.update(.connecting, .queue)
        case .failing(let error):
            rotating = []
            channel.update(.transientFailure, .fail(error))
        }
    }
}
