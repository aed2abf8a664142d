import LoadBalancing
import RPCCore
import Testing

/// A thousand servers, of which few change at a time.
@Suite struct LargeSetTests {
    @Test(arguments: LoadBalancingPolicyName.allCases.filter { $0 != .pickFirst })
    func anUpdateTouchesOnlyWhatHasChanged(name: LoadBalancingPolicyName) {
        var policy = Driven(name.makePolicy(seed: 1))
        let first = policy.resolved((0..<1000).map { endpoint($0) })
        #expect(first.created.count == 1000)
        #expect(first.connected.count == 1000)
        _ = policy.subchannel(id(500), changedTo: .ready)
        let added = policy.resolved((0...1000).map { endpoint($0) })
        #expect(added.created == [id(1000): address(1000)])
        #expect(added.connected == [id(1000)])
        #expect(added.removed == [])
        let removed = policy.resolved((1...1000).map { endpoint($0) })
        #expect(removed.removed == [id(0)])
        #expect(removed.created.isEmpty && removed.connected.isEmpty)
        // The calls go where they went.
        #expect(policy.pick().subchannel ?? id(500) == id(500))
    }
}
