import Bytes
import RPCCore
package import Timing

/// `weighted_round_robin`: calls in turn over the endpoints that are READY, to each as often as its weight says (gRFC
/// A58). The weight is the calls a second that a server manages for the part of it that is busy, as it tells in the load
/// reports on its answers (A51).
///
/// A report that is 10 s old counts, so that a server which has just started is not judged by its first calls; one that
/// is 3 min old does no more. Without two weights it is `round_robin`.
package struct WeightedRoundRobin: SpreadingPolicy {
    package static let name = LoadBalancingPolicyName.weightedRoundRobin.rawValue

    package var endpoints = EndpointSharding()
    private let parameters: Parameters
    private var generator: SplitMix64
    private var weights = EndpointLoads<EndpointWeight>()
    private var scheduler: StrideScheduler?
    private var sequence: UInt32 = 0
    /// Runs while anybody is READY.
    private var timer: TimerID?

    package init(_ parameters: Parameters = Parameters(), seed: UInt64) {
        self.parameters = parameters
        generator = SplitMix64(seed: seed)
    }

    package mutating func spread(over members: [EndpointSharding.Member], _ channel: inout ChannelControlHelper) {
        let before = Set(weights.ready.map(\.number))
        weights.update(members) { EndpointWeight() }
        for place in weights.ready.indices where !before.contains(weights.ready[place].number) {
            weights[place].becameReady()
        }
        if before != Set(weights.ready.map(\.number)) { sequence = UInt32(truncatingIfNeeded: generator.next()) }
        weigh(at: channel.now)
        if timer == nil { timer = channel.startTimer(after: parameters.weightUpdatePeriod) }
        channel.update(.ready, .policy)
    }

    package mutating func nobodyIsReady(_ channel: inout ChannelControlHelper) {
        weights.nobodyIsReady()
        scheduler = nil
        if let timer { channel.stopTimer(timer) }
        timer = nil
    }

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        guard timer == self.timer else { return offer(timer, &channel) }
        weigh(at: channel.now)
        self.timer = channel.startTimer(after: parameters.weightUpdatePeriod)
    }

    private mutating func weigh(at now: Instant) {
        let parameters = parameters
        scheduler = StrideScheduler(weights.ready.indices.map { weights[$0].current(at: now, parameters) })
    }

    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult {
        guard let place = scheduler?.next(&sequence) else { return .queue }
        let chosen = weights.ready[place]
        return .subchannel(chosen.subchannel, tracking: chosen.number.tracked)
    }

    package func account(at now: Instant) -> PolicyAccount {
        let servers = weights.account { weight in
            var weight = weight
            let value = weight.current(at: now, parameters)
            return value > 0 ? PolicyAccount.Server(weight: value) : nil
        }
        return PolicyAccount(policies: [WeightedRoundRobin.name], servers: servers)
    }

    package mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
    ) {
        if outcome.trailers.isEmpty { return }
        let (now, penalty) = (channel.now, parameters.errorUtilizationPenalty)
        weights.change(call) { $0.note(outcome.trailers, at: now, penalty: penalty) }
    }
}
