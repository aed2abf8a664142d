import Bytes
import RPCCore
package import Timing

/// `peak_ewma`: of two endpoints drawn at random, the one that costs less, where an endpoint's cost is what its answers
/// take times the calls that would be under way there. Finagle's and Linkerd's; gRPC has none like it.
///
/// What its answers take is a moving average that follows peaks: an answer that took longer is the new value at once,
/// a quicker one draws it down, the more the longer ago the last one was. Without answers it decays, so a server that
/// was slow is tried again when its value has come down to the others'. (Finagle: PeakEwma.scala; tower:
/// load/peak_ewma.rs; Linkerd: 10 s, 30 ms.)
///
/// Of an endpoint that has not answered yet nothing is known: it costs nothing, so that it gets a call at once (Finagle),
/// and while it has one it is taken to be slow, so that it gets few (Linkerd's default).
///
/// An answer that fails is fast, as a rule. `failurePenalty` makes it count as a slow one.
/// The first call of a server, if its caller gave it up at once, says nothing of how quick it is; later ones leave no
/// less than the decay by itself would.
package struct PeakEWMA: SpreadingPolicy {
    package static let name = LoadBalancingPolicyName.peakEWMA.rawValue

    private struct Load {
        var underWay = 0
        /// In nanoseconds, at `time`.
        var latency: Double
        var time: Instant
        /// It has answered.
        var isKnown = false

        /// How much of the value is left.
        func weight(at now: Instant, _ decayTime: Double) -> Double {
            // Not by way of a Duration, the 128 bits of which would be half of what a pick costs.
            ExponentialDecay.factor(Double(now.nanoseconds &- time.nanoseconds) / decayTime)
        }
    }

    package var endpoints = EndpointSharding()
    private let parameters: Parameters
    private let decayTime: Double
    private var generator: SplitMix64
    private var loads = EndpointLoads<Load>()

    package init(_ parameters: Parameters = Parameters(), seed: UInt64) {
        self.parameters = parameters
        decayTime = Double(max(parameters.decayTime.nanoseconds, 1))
        generator = SplitMix64(seed: seed)
    }

    package mutating func spread(over members: [EndpointSharding.Member], _ channel: inout ChannelControlHelper) {
        let beginning = Load(latency: Double(parameters.defaultLatency.nanoseconds), time: channel.now)
        loads.update(members) { beginning }
        channel.update(.ready, .policy)
    }

    package mutating func nobodyIsReady(_ channel: inout ChannelControlHelper) {
        loads.nobodyIsReady()
    }

    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult {
        let count = loads.ready.count
        guard count > 0 else { return .queue }
        var best = generator.below(count)
        if count > 1 {
            // Another one: of two the dearer gets nothing.
            let draw = generator.below(count - 1)
            let other = draw < best ? draw : draw + 1
            if cost(of: loads[other], at: now) < cost(of: loads[best], at: now) { best = other }
        }
        loads[best].underWay += 1
        let chosen = loads.ready[best]
        return .subchannel(chosen.subchannel, tracking: chosen.number.tracked)
    }

    private func cost(of load: Load, at now: Instant) -> Double {
        guard load.isKnown else { return load.underWay == 0 ? 0 : load.latency * Double(load.underWay + 1) }
        return load.latency * load.weight(at: now, decayTime) * Double(load.underWay + 1)
    }

    package func account(at now: Instant) -> PolicyAccount {
        let servers = loads.account { load in
            guard load.isKnown else { return nil }
            let latency = load.latency * load.weight(at: now, decayTime)
            return PolicyAccount.Server(latency: .nanoseconds(Int64(min(latency, 1e18))))
        }
        return PolicyAccount(policies: [PeakEWMA.name], servers: servers)
    }

    package mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
    ) {
        let now = channel.now
        let decayTime = decayTime
        var latency = Double(outcome.latency.nanoseconds)
        if outcome.status.blamesServer { latency = max(latency, Double(parameters.failurePenalty.nanoseconds)) }
        loads.change(call) { load in
            load.underWay -= 1
            guard outcome.wasSent else { return }
            // Who leaves before the time that is presumed has learnt nothing of the server.
            if outcome.status == .cancelled, !load.isKnown, latency < load.latency { return }
            let weight = load.isKnown ? load.weight(at: now, decayTime) : 0
            load.isKnown = true
            let left = load.latency * weight
            load.latency = latency > left ? latency : left + latency * (1 - weight)
            load.time = now
        }
    }
}

extension StatusCode {
    /// What Linkerd's failure-aware balancer takes for the server's own: not that the caller asked for what cannot be, or
    /// went away.
    fileprivate var blamesServer: Bool {
        switch self {
        case .unknown, .deadlineExceeded, .resourceExhausted, .internal, .unavailable, .dataLoss: true
        case .ok, .cancelled, .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .failedPrecondition,
            .aborted, .outOfRange, .unimplemented, .unauthenticated:
            false
        }
    }
}
