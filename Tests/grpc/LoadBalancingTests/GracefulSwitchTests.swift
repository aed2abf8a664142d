import LoadBalancing
import RPCCore
import Testing

/// From one policy to another, as grpc-go's gracefulswitch and C core's ChildPolicyHandler do it.
@Suite struct GracefulSwitchTests {
    /// `round_robin` with 10.0.0.1 READY as subchannel 0, about to become `new`, which connects to the same address as
    /// subchannel 1.
    private func switching(to new: any LoadBalancingPolicy) -> Driven {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        policy.change(to: new)
        #expect(policy.resolved([endpoint(1)]) == [.create(id(1), address(1)), .connect(id(1))])
        return policy
    }

    @Test func theOldOneServesUntilTheNewOneIsReady() throws {
        var policy = switching(to: PickFirst())
        #expect(policy.subchannel(id(1), changedTo: .connecting) == [] && !policy.hasChanged)
        let commands = policy.subchannel(id(1), changedTo: .ready)
        #expect(commands == [.remove(id(0)), .update(.ready, .only(id(1)))])
        #expect(policy.hasChanged)
    }

    @Test func aNewOneThatFailsTakesItsPlaceAsWell() throws {
        var policy = switching(to: PickFirst())
        let commands = policy.subchannel(id(1), changedTo: .transientFailure(refused))
        #expect(commands.removed == [id(0)] && commands.lastUpdate?.state == .transientFailure)
        #expect(policy.hasChanged)
    }

    @Test func anOldOneThatHasNobodyLeftGoesAtOnce() throws {
        var policy = switching(to: PickFirst())
        let commands = policy.subchannel(id(0), changedTo: .idle)
        #expect(commands.removed == [id(0)])
        #expect(commands.lastUpdate?.state == .connecting && commands.lastUpdate?.picker == .queue)
        #expect(policy.hasChanged)
    }

    /// The old one's pickers hold meanwhile, and it hears of its calls.
    @Test func callsAreTheOldOnesUntilThen() throws {
        var policy = Driven(LeastRequest(seed: 1))
        _ = policy.resolved([endpoint(1), endpoint(2)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        _ = policy.subchannel(id(1), changedTo: .ready)
        policy.change(to: RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(3)])
        for _ in 0..<10 {
            let pick = policy.pick()
            #expect([id(0), id(1)].contains(pick.subchannel))
            #expect(policy.callEnded(try #require(pick.tracking)) == [])
        }
        // One of two is enough for it to serve on.
        #expect(policy.subchannel(id(0), changedTo: .transientFailure(refused)).lastUpdate?.state == .ready)
        #expect(policy.pick().subchannel == id(1) && !policy.hasChanged)
        let commands = policy.subchannel(id(2), changedTo: .ready)
        #expect(Set(commands.removed) == [id(0), id(1)])
        #expect(commands.lastUpdate?.picker.picks(1) == [.subchannel(id(2))])
    }

    @Test func timersGoToWhomTheyBelong() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1), endpoint(2)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        policy.change(to: PickFirst())
        #expect(
            policy.resolved([endpoint(3), endpoint(4)]) == [
                .create(id(1), address(3)), .connect(id(1)), start(1),
            ])
        // The new one's, for the next of its addresses.
        #expect(policy.timerFired(timer(1)) == [.create(id(2), address(4)), .connect(id(2))])
        #expect(!policy.hasChanged)
    }

    @Test func athirdOneTakesTheSecondsPlace() {
        var policy = switching(to: PickFirst())
        #expect(policy.change(to: RoundRobin(seed: 2)) == [.remove(id(1))])
        #expect(policy.resolved([endpoint(1)]) == [.create(id(2), address(1)), .connect(id(2))])
        #expect(policy.subchannel(id(2), changedTo: .ready).removed == [id(0)])
        #expect(policy.hasChanged)
    }

    @Test func theEndIsThatOfBoth() {
        var policy = switching(to: PickFirst())
        #expect(Set(policy.shutdown().removed) == [id(0), id(1)])
    }

    @Test func aFailedResolutionIsTheNewOnesAffair() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        policy.change(to: PickFirst())
        let commands = policy.resolverFailed(refused)
        #expect(commands.removed == [id(0)] && commands.lastUpdate?.picker.failure == refused)
    }
}
