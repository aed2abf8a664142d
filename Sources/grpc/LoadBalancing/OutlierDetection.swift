import Addresses
import Bytes
package import RPCCore
package import Timing

/// `outlier_detection`: around any policy, counts what becomes of the calls to each endpoint, and takes those that fail
/// more than the others away from that policy for a while (gRFC A50). An endpoint that is ejected keeps its connection:
/// the policy within hears that it does not serve (A61), which `pick_first` takes no notice of.
///
/// Every status but OK is a failure. It knows nothing of time: a server that is slow is none, unless its calls run out
/// of theirs.
///
/// Where it differs from A50's letter: who is ejected is not ejected once more before he is back (as Envoy); nobody is
/// ejected once `maxEjectionPercent` is reached, and so never at 0 (as grpc-go; A50: once it is exceeded, and one at
/// least); `minimumHosts` of the failure percentage counts those with enough calls (A50: all).
package struct OutlierDetection<Policy: LoadBalancingPolicy>: LoadBalancingPolicy {
    package static var name: String { LoadBalancingPolicyName.outlierDetection.rawValue }

    private let parameters: OutlierDetectionParameters
    private var child: ChildPolicy<Policy>
    private var generator: SplitMix64
    private var servers = ObservedServers()
    /// What waits for the end of a call.
    private var calls = CallTable()
    /// What is known of subchannels from others than this policy, unless they serve.
    private var health: [SubchannelID: SubchannelHealth] = [:]
    private var timer: TimerID?

    package init(_ policy: Policy, _ parameters: OutlierDetectionParameters, seed: UInt64) {
        child = ChildPolicy(policy)
        self.parameters = parameters
        generator = SplitMix64(seed: seed)
    }

    private var counts: Bool { parameters.successRate != nil || parameters.failurePercentage != nil }

    // MARK: To and from the policy within

    package mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
        servers.update(update.endpoints)
        if counts, timer == nil { startTimer(&channel) }
        return feed(&channel) { $0.resolved(update, &$1) }
    }

    package mutating func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {
        feed(&channel) { $0.resolverFailed(error, &$1) }
    }

    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) {
        if state == .connecting { health[id] = nil }
        if state == .ready, let error = servers.ejection(of: id) {
            feed(&channel) { $0.subchannel(id, healthChangedTo: .notServing(error), &$1) }
        }
        feed(&channel) { $0.subchannel(id, changedTo: state, &$1) }
    }

    package mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper
    ) {
        self.health[id] = health == .serving ? nil : health
        if servers.ejection(of: id) != nil { return }
        feed(&channel) { $0.subchannel(id, healthChangedTo: health, &$1) }
    }

    package mutating func exitIdle(_ channel: inout ChannelControlHelper) {
        feed(&channel) { $0.exitIdle(&$1) }
    }

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        guard timer == self.timer else { return feed(&channel) { $0.timerFired(timer, &$1) } }
        look(&channel)
        startTimer(&channel)
    }

    package mutating func shutdown(_ channel: inout ChannelControlHelper) {
        if let timer { channel.stopTimer(timer) }
        timer = nil
        feed(&channel) { $0.shutdown(&$1) }
    }

    private mutating func startTimer(_ channel: inout ChannelControlHelper) {
        // 0 is allowed, and would be nothing but looking.
        timer = channel.startTimer(after: max(parameters.interval, .milliseconds(1)))
    }

    /// Gives the policy within an input, notes whose subchannels it makes, and passes on what it says.
    @discardableResult
    private mutating func feed<Answer>(
        _ channel: inout ChannelControlHelper, _ input: (inout Policy, inout ChannelControlHelper) -> Answer
    ) -> Answer {
        let mark = channel.count
        let updates = child.updates
        let answer = child.feed(&channel, input)
        for command in channel.commands(from: mark) {
            switch command {
            case .create(let id, let address): servers.add(id, at: address)
            case .remove(let id):
                servers.remove(id)
                health[id] = nil
            case .connect, .resolveAgain, .startTimer, .stopTimer, .update: break
            }
        }
        if child.updates != updates { channel.update(child.state, counts ? child.picker.counting : child.picker) }
        return answer
    }

    // MARK: Calls

    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult {
        let result = child.pick(info, at: now)
        guard counts, case .subchannel(let id, let tracking) = result else { return result }
        return .subchannel(id, tracking: calls.add(servers.number(of: id), tracking))
    }

    package mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
    ) {
        guard counts else { return feed(&channel) { $0.callEnded(call, outcome, &$1) } }
        guard let (server, tracking) = calls.remove(call) else { return }
        // What never left says nothing of the server.
        if let server, outcome.wasSent { servers.count(outcome.status == .ok, for: server) }
        if let tracking { feed(&channel) { $0.callEnded(tracking, outcome, &$1) } }
    }

    // MARK: Ejection

    /// What is due at each interval.
    private mutating func look(_ channel: inout ChannelControlHelper) {
        let now = channel.now
        servers.beginInterval()
        if let successRate = parameters.successRate { eject(bySuccessRate: successRate, &channel) }
        if let failures = parameters.failurePercentage { eject(byFailures: failures, &channel) }
        let parameters = parameters
        for slot in servers.inOrder {
            // Strictly after, as A50 has it.
            let back = servers.endInterval(slot) { since, times in now > since + parameters.ejectionTime(times) }
            if back { tellHealth(of: slot, &channel) }
        }
    }

    package func account(at now: Instant) -> PolicyAccount {
        var account = child.policy.account(at: now)
        account.policies.insert(Self.name, at: 0)
        for slot in servers.inOrder {
            guard let ejection = servers[slot].ejection else { continue }
            // It was ejected at a look, and comes back at one, which is never quite on time.
            let (time, interval) = (parameters.ejectionTime(ejection.times), max(parameters.interval.nanoseconds, 1))
            let short = time.nanoseconds % interval
            let told = PolicyAccount.Ejection(
                since: ejection.since,
                end: ejection.since + time + .nanoseconds(short == 0 ? 0 : interval - short),
                failed: servers[slot].ejectedFor.failures, calls: servers[slot].ejectedFor.calls)
            for id in servers[slot].subchannels { account.servers[id, default: .init()].ejection = told }
        }
        return account
    }

    private mutating func eject(
        bySuccessRate rule: OutlierDetectionParameters.SuccessRate, _ channel: inout ChannelControlHelper
    ) {
        let candidates = servers.withCalls(atLeast: rule.requestVolume)
        guard candidates.count >= rule.minimumHosts, !candidates.isEmpty else { return }
        let rates = candidates.map { servers[$0].successRate }
        let mean = rates.reduce(0, +) / Double(rates.count)
        let variance = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rates.count)
        let required = mean - variance.squareRoot() * Double(rule.stdevFactor) / 1000
        for (slot, rate) in zip(candidates, rates) where rate < required {
            eject(slot, enforcing: rule.enforcementPercentage, &channel)
        }
    }

    private mutating func eject(
        byFailures rule: OutlierDetectionParameters.FailurePercentage, _ channel: inout ChannelControlHelper
    ) {
        let candidates = servers.withCalls(atLeast: rule.requestVolume)
        guard candidates.count >= rule.minimumHosts else { return }
        for slot in candidates {
            // In whole numbers: by fractions 29 of 100 are 29.000000000000004 %, and more than 29.
            guard servers[slot].failed * 100 > rule.threshold * servers[slot].calls else { continue }
            eject(slot, enforcing: rule.enforcementPercentage, &channel)
        }
    }

    private mutating func eject(_ slot: Int, enforcing percentage: Int, _ channel: inout ChannelControlHelper) {
        guard servers.ejectedPercent < Double(parameters.maxEjectionPercent), !servers[slot].isEjected else { return }
        guard generator.below(100) < percentage else { return }
        servers.eject(slot, at: channel.now)
        tellHealth(of: slot, &channel)
    }

    private mutating func tellHealth(of slot: Int, _ channel: inout ChannelControlHelper) {
        for id in servers[slot].subchannels {
            let other = health[id] ?? .serving
            let told = servers.ejection(of: id).map { SubchannelHealth.notServing($0) } ?? other
            feed(&channel) { $0.subchannel(id, healthChangedTo: told, &$1) }
        }
    }
}

extension Picker {
    /// The same, for a policy that wants to hear of each call.
    fileprivate var counting: Picker {
        switch self {
        case .queue, .idle, .fail: self
        case .only, .rotation, .policy: .policy
        }
    }
}
