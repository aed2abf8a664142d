import Bytes
package import Timing

/// `least_request`: of a few endpoints drawn at random, the one with the fewest calls under way (gRFC A48).
///
/// A slow server's calls stay under way for longer, so it is drawn and passed over more often; nothing is measured. The
/// calls are those of this policy alone, so of one channel on one loop. An endpoint may be drawn twice for a pick, as
/// A48 has it, which leaves even a server that has come to a stand a share: with n endpoints and c draws 1 in n^c.
package struct LeastRequest: SpreadingPolicy {
    package static let name = LoadBalancingPolicyName.leastRequest.rawValue

    package var endpoints = EndpointSharding()
    private let parameters: Parameters
    private var generator: SplitMix64
    private var underWay = EndpointLoads<Int>()

    package init(_ parameters: Parameters = Parameters(), seed: UInt64) {
        self.parameters = parameters
        generator = SplitMix64(seed: seed)
    }

    package mutating func spread(over members: [EndpointSharding.Member], _ channel: inout ChannelControlHelper) {
        underWay.update(members) { 0 }
        channel.update(.ready, .policy)
    }

    package mutating func nobodyIsReady(_ channel: inout ChannelControlHelper) {
        underWay.nobodyIsReady()
    }

    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult {
        let count = underWay.ready.count
        guard count > 0 else { return .queue }
        var best = generator.below(count)
        for _ in 1..<parameters.choiceCount {
            let other = generator.below(count)
            if underWay[other] < underWay[best] { best = other }
        }
        underWay[best] += 1
        let chosen = underWay.ready[best]
        return .subchannel(chosen.subchannel, tracking: chosen.number.tracked)
    }

    package mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
    ) {
        underWay.change(call) { $0 -= 1 }
    }
}
