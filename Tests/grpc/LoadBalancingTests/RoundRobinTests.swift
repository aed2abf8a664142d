import LoadBalancing
import RPCCore
import Testing

@Suite struct RoundRobinTests {
    /// A policy whose subchannels 0..<count, for 10.0.0.1 and on, are READY.
    private func ready(_ count: Int, seed: UInt64 = 1) -> (policy: Driven, commands: [PolicyCommand]) {
        var policy = Driven(RoundRobin(seed: seed))
        var commands = policy.resolved((1...UInt32(count)).map { endpoint($0) })
        for number in 0..<count {
            _ = policy.subchannel(id(number), changedTo: .connecting)
            commands = policy.subchannel(id(number), changedTo: .ready)
        }
        return (policy, commands)
    }

    @Test func connectsToEveryEndpoint() {
        var policy = Driven(RoundRobin(seed: 1))
        #expect(
            policy.resolved([endpoint(1), endpoint(2)]) == [
                .create(id(0), address(1)), .connect(id(0)), .create(id(1), address(2)), .connect(id(1)),
                .update(.connecting, .queue),
            ])
        #expect(policy.subchannel(id(0), changedTo: .connecting) == [])
    }

    @Test func isReadyWithTheFirstThatIs() throws {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1), endpoint(2)])
        let update = try #require(policy.subchannel(id(1), changedTo: .ready).lastUpdate)
        #expect(update.state == .ready)
        #expect(update.picker.picks(3) == Array(repeating: .subchannel(id(1)), count: 3))
    }

    @Test func fiveHundredPicksOverFive() throws {
        for seed in 0..<20 as Range<UInt64> {
            let update = try #require(ready(5, seed: seed).commands.lastUpdate)
            var counts: [PickResult: Int] = [:]
            for pick in update.picker.picks(500) { counts[pick, default: 0] += 1 }
            #expect(counts == Dictionary(uniqueKeysWithValues: (0..<5).map { (.subchannel(id($0)), 100) }))
        }
    }

    @Test func theStartIsRandomByTheSeed() {
        func first(_ seed: UInt64) -> PickResult? { ready(4, seed: seed).commands.lastUpdate?.picker.picks(1).first }
        #expect(first(42) == first(42))
        #expect(Set((0..<64).map { first($0) }) == Set((0..<4).map { .subchannel(id($0)) }))
    }

    @Test func aNewSetKeepsWhatIsInBoth() throws {
        var (policy, _) = ready(3)
        let commands = policy.resolved([endpoint(4), endpoint(3), endpoint(2)])
        #expect(
            Array(commands.dropLast()) == [.remove(id(0)), .create(id(3), address(4)), .connect(id(3))])
        let update = try #require(commands.lastUpdate)
        #expect(update.state == .ready)
        // In the order of the new list, without the one that still connects.
        #expect(Set(update.picker.picks(2)) == [.subchannel(id(1)), .subchannel(id(2))])
        // 0 is gone for good: its late states change nothing.
        #expect(policy.subchannel(id(0), changedTo: .ready) == [])
        #expect(policy.subchannel(id(0), changedTo: .idle) == [])
    }

    @Test func theSameSetInAnotherOrderChangesNothing() {
        var (policy, _) = ready(3)
        #expect(policy.resolved([endpoint(3), endpoint(1), endpoint(2)]) == [])
    }

    /// Each new picker begins somewhere: with one for each failure the calls would not be spread evenly.
    @Test func aServerThatGoesOnFailingDoesNotBeginTheRoundAnew() throws {
        var (policy, _) = ready(2)
        _ = policy.resolved((1...3).map { endpoint($0) })
        for _ in 0..<3 {
            for state in [.connecting, .transientFailure(RPCError(.unavailable, "no")), .idle] as [SubchannelState] {
                #expect(policy.subchannel(id(2), changedTo: state).lastUpdate == nil)
            }
        }
        let joined = try #require(policy.subchannel(id(2), changedTo: .ready).lastUpdate)
        #expect(Set(joined.picker.picks(3)) == [.subchannel(id(0)), .subchannel(id(1)), .subchannel(id(2))])
    }

    @Test func anEndpointIsTakenOnce() throws {
        var policy = Driven(RoundRobin(seed: 1))
        let commands = policy.resolved([endpoint(1), endpoint(2), endpoint(1), endpoint(2), endpoint(1)])
        #expect(commands.created == [id(0): address(1), id(1): address(2)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        let update = try #require(policy.subchannel(id(1), changedTo: .ready).lastUpdate)
        #expect(Set(update.picker.picks(2)).count == 2)
        #expect(policy.resolved([endpoint(2), endpoint(2), endpoint(1)]) == [])
    }

    @Test func idsAreNeverUsedAgain() {
        var policy = Driven(RoundRobin(seed: 1))
        var seen: Set<SubchannelID> = []
        for round in 0..<10 {
            let created = policy.resolved([endpoint(UInt32(round % 2 + 1))]).created.keys
            #expect(seen.isDisjoint(with: created))
            seen.formUnion(created)
        }
        #expect(seen.count == 10)
    }

    @Test func aLostConnectionIsMadeAgainAndTheNameLookedUp() {
        var (policy, _) = ready(2)
        let lost = policy.subchannel(id(0), changedTo: .idle)
        #expect(Array(lost.dropLast()) == [.resolveAgain, .connect(id(0))])
        #expect(lost.lastUpdate?.state == .ready)
        #expect(lost.lastUpdate?.picker.picks(2) == [.subchannel(id(1)), .subchannel(id(1))])
        // With none left the calls wait for the new attempt.
        #expect(policy.subchannel(id(1), changedTo: .idle).lastUpdate.map { $0 == (.connecting, .queue) } == true)
    }

    @Test func failsWhenAllHaveFailed() throws {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1), endpoint(2)])
        let first = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        #expect(first == [.resolveAgain, .update(.connecting, .queue)])
        let second = policy.subchannel(id(1), changedTo: .transientFailure(RPCError(.unavailable, "timed out")))
        #expect(second.first == .resolveAgain)
        let update = try #require(second.lastUpdate)
        #expect(update.state == .transientFailure)
        #expect(
            update.picker.failure
                == RPCError(.unavailable, "no connection to any of 10.0.0.1:80, 10.0.0.2:80; last error: timed out"))
    }

    @Test func aSingleServersErrorIsToldAsItIs() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1)])
        let commands = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        #expect(commands.lastUpdate?.picker.failure == refused)
    }

    @Test func failureSticksUntilReady() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1), endpoint(2)])
        for number in 0..<2 { _ = policy.subchannel(id(number), changedTo: .transientFailure(refused)) }
        // Back-off over, and trying again: callers still hear of the failure, at once.
        #expect(policy.subchannel(id(0), changedTo: .idle) == [.connect(id(0))])
        #expect(policy.subchannel(id(0), changedTo: .connecting) == [])
        let again = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        #expect(again.first == .resolveAgain)
        #expect(again.lastUpdate?.state == .transientFailure)
        _ = policy.subchannel(id(1), changedTo: .idle)
        _ = policy.subchannel(id(1), changedTo: .connecting)
        #expect(policy.subchannel(id(1), changedTo: .ready).lastUpdate?.state == .ready)
        // The other one still counts as failed, so this is the last that was ready.
        let lost = policy.subchannel(id(1), changedTo: .idle)
        #expect(lost.lastUpdate?.state == .connecting)
    }

    @Test func aNewEndpointAmongFailedOnesIsWorthWaitingFor() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1)])
        _ = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        let commands = policy.resolved([endpoint(1), endpoint(2)])
        #expect(commands.created == [id(1): address(2)])
        #expect(commands.lastUpdate.map { $0 == (.connecting, .queue) } == true)
    }

    @Test func anEmptySetFailsAllPicks() {
        var (policy, _) = ready(2)
        let commands = policy.resolved([])
        #expect(commands.removed == [id(0), id(1)])
        #expect(commands.lastUpdate?.state == .transientFailure)
        #expect(commands.lastUpdate?.picker.failure?.code == .unavailable)
        #expect(commands.lastUpdate?.picker.failure?.message.contains("resolves to no address") == true)
        // And it recovers.
        #expect(policy.resolved([endpoint(1)]).created == [id(2): address(1)])
    }

    @Test func aResolversErrorMattersOnlyWithoutASet() {
        var policy = Driven(RoundRobin(seed: 1))
        let error = RPCError(.unavailable, "no such name")
        #expect(policy.resolverFailed(error) == [.update(.transientFailure, .fail(error))])
        _ = policy.resolved([endpoint(1)])
        #expect(policy.resolverFailed(error) == [])
    }

    @Test func isNeverIdle() {
        var (policy, _) = ready(1)
        #expect(policy.exitIdle() == [])
    }

    // MARK: Endpoints with several addresses

    /// 10.0.0.1 and fd00::1 are one server, 10.0.0.2 and fd00::2 another.
    private static let dualStack = [endpoint(1, address6(1)), endpoint(2, address6(2))]

    @Test func eachEndpointHasItsOwnHappyEyeballs() {
        var policy = Driven(RoundRobin(seed: 1))
        #expect(
            policy.resolved(RoundRobinTests.dualStack) == [
                .create(id(0), address(1)), .connect(id(0)), start(0),
                .create(id(1), address(2)), .connect(id(1)), start(1),
                .update(.connecting, .queue),
            ])
        // The second server's first address hangs; the first server's refuses.
        #expect(policy.timerFired(timer(1)) == [.create(id(2), address6(2)), .connect(id(2))])
        #expect(
            policy.subchannel(id(0), changedTo: .transientFailure(refused))
                == [stop(0), .create(id(3), address6(1)), .connect(id(3))])
        let first = policy.subchannel(id(2), changedTo: .ready)
        #expect(Array(first.dropLast()) == [.remove(id(1))])
        #expect(first.lastUpdate?.picker.picks(2) == [.subchannel(id(2)), .subchannel(id(2))])
        let both = policy.subchannel(id(3), changedTo: .ready)
        #expect(Array(both.dropLast()) == [.remove(id(0))])
        #expect(Set(both.lastUpdate?.picker.picks(2) ?? []) == [.subchannel(id(2)), .subchannel(id(3))])
    }

    @Test func aServerGetsOneShareHoweverManyAddressesItHas() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1, address(11), address(12), address6(1)), endpoint(2)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        let picks = policy.subchannel(id(1), changedTo: .ready).lastUpdate?.picker.picks(100) ?? []
        #expect(picks.count { $0 == .subchannel(id(0)) } == 50)
    }

    @Test func anEndpointFailsWhenEachOfItsAddressesHas() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1, address6(1)), endpoint(2)])
        _ = policy.subchannel(id(1), changedTo: .transientFailure(RPCError(.unavailable, "the other server's")))
        #expect(policy.subchannel(id(0), changedTo: .transientFailure(refused)).lastUpdate == nil)
        let failed = policy.subchannel(id(2), changedTo: .transientFailure(refused)).lastUpdate
        #expect(failed?.state == .transientFailure)
        #expect(
            failed?.picker.failure?.message
                == "no connection to any of 10.0.0.1:80, [fd00::1]:80, 10.0.0.2:80; last error: the other server's")
    }

    @Test func aLostEndpointBeginsWithItsFirstAddressAgain() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1, address6(1))])
        _ = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        _ = policy.subchannel(id(1), changedTo: .ready)
        #expect(
            policy.subchannel(id(1), changedTo: .idle) == [
                .resolveAgain, .create(id(2), address(1)), .connect(id(2)), start(1), .update(.connecting, .queue),
            ])
    }

    @Test func theSameAddressesInAnotherOrderAreTheSameServer() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved(RoundRobinTests.dualStack)
        for number in 0..<2 { _ = policy.subchannel(id(number), changedTo: .ready) }
        var moved = Endpoint(address6(1), alternatives: [address(1)])
        moved.attributes[Weight.self] = 3
        #expect(policy.resolved([moved, endpoint(2, address6(2))]) == [])
    }

    @Test func anEndpointThatLeavesTakesItsAttemptsAndItsTimerAlong() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved(RoundRobinTests.dualStack)
        _ = policy.timerFired(timer(0))
        let commands = policy.resolved([endpoint(3)])
        #expect(
            Array(commands.dropLast()) == [
                .remove(id(0)), .remove(id(2)), stop(1), .remove(id(1)), .create(id(3), address(3)), .connect(id(3)),
            ])
        #expect(policy.timerFired(timer(1)) == [])
    }

    @Test func onlyAnEmptySetIsRefused() {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1)])
        #expect(policy.acceptance == .accepted)
        _ = policy.resolved([])
        #expect(policy.acceptance == .refused)
    }
}
