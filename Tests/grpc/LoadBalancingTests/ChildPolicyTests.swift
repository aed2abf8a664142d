import LoadBalancing
import RPCCore
import RPCTestSupport
import Testing
import Timing

/// Policies within policies within policies.
@Suite struct ChildPolicyTests {
    /// Where an endpoint stands: the second tier is for when the first fails.
    private enum Tier: AttributeKey {
        typealias Value = Int
    }

    /// Two `round_robin`, each of them with `pick_first` inside: calls go to the first unless it fails.
    private struct Failover: LoadBalancingPolicy {
        static let name = "failover"

        var tiers = [ChildPolicy(RoundRobin(seed: 1)), ChildPolicy(RoundRobin(seed: 2))]

        mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
            for tier in tiers.indices {
                var own = update
                own.endpoints = update.endpoints.filter { ($0.attributes[Tier.self] ?? 0) == tier }
                _ = tiers[tier].feed(&channel) { $0.resolved(own, &$1) }
            }
            tell(&channel)
            return .accepted
        }

        mutating func subchannel(
            _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
        ) {
            for tier in tiers.indices where tiers[tier].subchannel(id, changedTo: state, &channel) { tell(&channel) }
        }

        mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
            for tier in tiers.indices where tiers[tier].timerFired(timer, &channel) { tell(&channel) }
        }

        mutating func shutdown(_ channel: inout ChannelControlHelper) {
            for tier in tiers.indices { tiers[tier].feed(&channel) { $0.shutdown(&$1) } }
        }

        func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {}
        func exitIdle(_ channel: inout ChannelControlHelper) {}

        func tell(_ channel: inout ChannelControlHelper) {
            let best = tiers[0].state == .transientFailure ? tiers[1] : tiers[0]
            channel.update(best.state, best.picker)
        }
    }

    private func server(_ number: UInt32, tier: Int) -> Endpoint {
        var endpoint = endpoint(number, address6(UInt128(number)))
        endpoint.attributes[Tier.self] = tier
        return endpoint
    }

    @Test func idsOfChildrenNeverClash() {
        var policy = Driven(Failover())
        let commands = policy.resolved([server(1, tier: 0), server(2, tier: 1), server(3, tier: 1)])
        #expect(commands.created == [id(0): address(1), id(1): address(2), id(2): address(3)])
        #expect(commands.filter { $0 == start(0) || $0 == start(1) || $0 == start(2) }.count == 3)
        // The update is the parent's, and the only one.
        #expect(commands.filter { if case .update = $0 { true } else { false } } == [.update(.connecting, .queue)])
        // Each input reaches the one whom it concerns.
        #expect(policy.timerFired(timer(2)).created == [id(3): address6(3)])
        #expect(policy.subchannel(id(1), changedTo: .ready).lastUpdate?.state == .connecting)
    }

    @Test func theParentChoosesWhosePicksCount() {
        var policy = Driven(Failover())
        _ = policy.resolved([server(1, tier: 0), server(2, tier: 1)])
        _ = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        _ = policy.subchannel(id(1), changedTo: .ready)
        let failed = policy.subchannel(id(2), changedTo: .transientFailure(refused))
        #expect(failed.lastUpdate?.picker.picks(1) == [.subchannel(id(1))])
        let back = policy.subchannel(id(2), changedTo: .ready)
        #expect(back.lastUpdate?.picker.picks(1) == [.subchannel(id(2))])
    }

    @Test func allIsGivenBackAtTheEnd() {
        var policy = Driven(Failover())
        _ = policy.resolved([server(1, tier: 0), server(2, tier: 1)])
        #expect(Set(policy.shutdown()) == [stop(0), .remove(id(0)), stop(1), .remove(id(1))])
    }

    /// Tracks the calls that its child picks for, some of which the child tracks too.
    private struct Census<Child: LoadBalancingPolicy>: LoadBalancingPolicy {
        static var name: String { "census" }

        var child: ChildPolicy<Child>
        let statuses: Statuses
        var open: [TrackedCall?] = []

        final class Statuses {
            var all: [StatusCode] = []
        }

        init(_ child: Child, _ statuses: Statuses) {
            self.child = ChildPolicy(child)
            self.statuses = statuses
        }

        mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
            let answer = child.feed(&channel) { $0.resolved(update, &$1) }
            channel.update(child.state, .policy)
            return answer
        }

        mutating func subchannel(
            _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
        ) {
            if child.subchannel(id, changedTo: state, &channel) { channel.update(child.state, .policy) }
        }

        mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult {
            let result = child.pick(info, at: now)
            guard case .subchannel(let id, let tracked) = result else { return result }
            open.append(tracked)
            return .subchannel(id, tracking: TrackedCall(open.count - 1))
        }

        mutating func callEnded(
            _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
        ) {
            statuses.all.append(outcome.status)
            guard let tracked = open[call.rawValue] else { return }
            child.feed(&channel) { $0.callEnded(tracked, outcome, &$1) }
        }

        func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {}
        func exitIdle(_ channel: inout ChannelControlHelper) {}
        func shutdown(_ channel: inout ChannelControlHelper) {}
    }

    @Test func aParentAndItsChildBothHearOfACallsEnd() {
        let statuses = Census<LeastLoaded>.Statuses()
        let record = LeastLoaded.Record()
        var policy = Driven(Census(LeastLoaded(record), statuses))
        _ = policy.resolved([endpoint(1), endpoint(2)])
        for number in 0..<2 { _ = policy.subchannel(id(number), changedTo: .ready) }
        #expect(policy.pick() == .subchannel(id(0), tracking: TrackedCall(0)))
        #expect(policy.pick() == .subchannel(id(1), tracking: TrackedCall(1)))
        #expect(policy.callEnded(TrackedCall(1), .aborted) == [])
        // The child knows that the second server is free again.
        #expect(policy.pick() == .subchannel(id(1), tracking: TrackedCall(2)))
        _ = policy.callEnded(TrackedCall(2))
        _ = policy.callEnded(TrackedCall(0))
        #expect(statuses.all == [.aborted, .ok, .ok])
        #expect(record.ends?.map(\.status) == [.ok, .aborted, .ok])
    }

    @Test func aParentHearsOfCallsThatItsChildDoesNotTrack() {
        let statuses = Census<RoundRobin>.Statuses()
        var policy = Driven(Census(RoundRobin(seed: 1), statuses))
        _ = policy.resolved([endpoint(1)])
        #expect(policy.pick() == .queue)
        _ = policy.subchannel(id(0), changedTo: .ready)
        #expect(policy.pick() == .subchannel(id(0), tracking: TrackedCall(0)))
        _ = policy.callEnded(TrackedCall(0), .unavailable)
        #expect(statuses.all == [.unavailable])
    }
}
