import LoadBalancing
import RPCCore
import Testing

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
}
