import Bytes

/// `round_robin`: a connection to every endpoint, and calls over those that are READY, one after the other.
package struct RoundRobin: SpreadingPolicy {
    package static let name = LoadBalancingPolicyName.roundRobin.rawValue

    package var endpoints = EndpointSharding()
    private var generator: SplitMix64
    /// Whom the channel's picker goes round; empty if it is another one.
    private var rotating: Set<SubchannelID> = []

    package init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    package mutating func spread(over members: [EndpointSharding.Member], _ channel: inout ChannelControlHelper) {
        let subchannels = members.map(\.subchannel)
        // Neither a server that goes on failing beside them nor an answer in another order begins their round anew.
        guard Set(subchannels) != rotating else { return }
        let start = Int(truncatingIfNeeded: generator.next())
        guard let rotation = Rotation(subchannels, start: start) else { return }
        rotating = Set(subchannels)
        channel.update(.ready, .rotation(rotation))
    }

    package mutating func nobodyIsReady(_ channel: inout ChannelControlHelper) { rotating = [] }
}
