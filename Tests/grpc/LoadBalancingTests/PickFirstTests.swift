import Addresses
import LoadBalancing
import RPCCore
import Testing

@Suite struct PickFirstTests {
    private static let three = [endpoint(1), endpoint(2), endpoint(3)]

    /// Connected to the first of three endpoints, by subchannel 0.
    private func ready() -> Driven {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        _ = policy.subchannel(id(0), changedTo: .connecting)
        _ = policy.subchannel(id(0), changedTo: .ready)
        return policy
    }

    /// All three endpoints have failed, by subchannels 0, 1, 2.
    private func failing() -> Driven {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        for number in 0..<3 { _ = policy.subchannel(id(number), changedTo: .transientFailure(refused)) }
        return policy
    }

    @Test func triesTheFirst() {
        var policy = Driven(PickFirst())
        #expect(
            policy.resolved(PickFirstTests.three) == [
                .create(id(0), address(1)), .connect(id(0)), start(0),
                .update(.connecting, .queue),
            ])
        #expect(policy.subchannel(id(0), changedTo: .connecting) == [])
        #expect(policy.subchannel(id(0), changedTo: .ready) == [stop(0), .update(.ready, .only(id(0)))])
    }

    /// gRFC A62: endpoints change places, those of an endpoint's addresses do not (A61).
    @Test func aListIsShuffledIfThatIsAskedFor() throws {
        let endpoints = (1...4).map { endpoint($0, address6(UInt128($0))) }
        func order(_ policy: PickFirst) -> [SocketAddress] {
            var policy = Driven(policy)
            var commands = policy.resolved(endpoints)
            var order: [SocketAddress] = []
            while let (id, address) = commands.created.first {
                order.append(address)
                commands = policy.subchannel(id, changedTo: .transientFailure(refused))
            }
            return order
        }
        let plain = endpoints.flatMap(\.addresses)
        #expect(order(PickFirst(seed: 3)) == plain)
        let shuffled = PickFirst.Parameters(shuffleAddressList: true)
        #expect(order(PickFirst(shuffled, seed: 3)) == order(PickFirst(shuffled, seed: 3)))
        let orders = (0..<200).map { order(PickFirst(shuffled, seed: $0)) }
        for order in orders {
            #expect(Set(order) == Set(plain))
            for pair in 0..<4 {
                let server = Array(order[2 * pair...2 * pair + 1])
                #expect(endpoints.contains { $0.addresses == server }, "\(server)")
            }
        }
        // Each of the 24 orders of four: one is missing from 200 in a run of 206.
        #expect(Set(orders).count > 20)
        #expect(Set(orders.compactMap(\.first)).count == 4)
    }

    /// The connection in use is not given up for the sake of another order.
    @Test func aShuffleMovesNobody() {
        var policy = Driven(PickFirst(PickFirst.Parameters(shuffleAddressList: true), seed: 5))
        let first = policy.resolved(PickFirstTests.three).connected[0]
        _ = policy.subchannel(first, changedTo: .ready)
        for _ in 0..<20 { #expect(policy.resolved(PickFirstTests.three) == []) }
    }

    @Test func goesToTheNextWhenOneFails() {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        #expect(
            policy.subchannel(id(0), changedTo: .transientFailure(refused)) == [
                stop(0), .create(id(1), address(2)), .connect(id(1)), start(1),
            ])
        // The losers go as soon as one has won.
        #expect(
            policy.subchannel(id(1), changedTo: .ready) == [stop(1), .remove(id(0)), .update(.ready, .only(id(1)))])
        #expect(policy.subchannel(id(0), changedTo: .idle) == [])
    }

    @Test func failsWhenEachHasFailed() throws {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1), endpoint(2)])
        _ = policy.subchannel(id(0), changedTo: .transientFailure(RPCError(.unavailable, "first")))
        let commands = policy.subchannel(id(1), changedTo: .transientFailure(RPCError(.unavailable, "second")))
        #expect(commands.contains(.resolveAgain))
        #expect(commands.lastUpdate?.state == .transientFailure)
        #expect(
            commands.lastUpdate?.picker.failure
                == RPCError(.unavailable, "no connection to any of 10.0.0.1:80, 10.0.0.2:80; last error: second"))
    }

    @Test func eachIsTriedAgainAfterItsBackOff() {
        var policy = failing()
        #expect(policy.subchannel(id(1), changedTo: .idle) == [.connect(id(1))])
        #expect(policy.subchannel(id(1), changedTo: .connecting) == [])
        let failed = policy.subchannel(id(1), changedTo: .transientFailure(refused))
        #expect(failed.contains(.resolveAgain))
        #expect(failed.lastUpdate?.state == .transientFailure)
        #expect(failed.created.isEmpty)
        _ = policy.subchannel(id(2), changedTo: .idle)
        #expect(
            policy.subchannel(id(2), changedTo: .ready)
                == [.remove(id(0)), .remove(id(1)), .update(.ready, .only(id(2)))])
    }

    @Test func oneWhoseBackOffWasOverBeforeTheLastHadFailedIsTriedAgainToo() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1), endpoint(2)])
        _ = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        // 10.0.0.2 takes twenty seconds to fail; 10.0.0.1 refused at once, and its back-off is a second.
        #expect(policy.subchannel(id(0), changedTo: .idle) == [])
        let commands = policy.subchannel(id(1), changedTo: .transientFailure(refused))
        #expect(commands.connected.contains(id(0)))
        #expect(commands.lastUpdate?.state == .transientFailure)
    }

    @Test func aLostConnectionMakesItIdle() {
        var policy = ready()
        #expect(policy.subchannel(id(0), changedTo: .idle) == [.resolveAgain, .update(.idle, .idle)])
        #expect(
            policy.exitIdle() == [.connect(id(0)), start(1), .update(.connecting, .queue)])
        #expect(policy.exitIdle() == [])
    }

    @Test func aNewListKeepsAConnectionThatIsInBoth() {
        var policy = ready()
        #expect(policy.resolved([endpoint(9), endpoint(1)]) == [])
        // The new list is used when the connection is lost.
        _ = policy.subchannel(id(0), changedTo: .idle)
        #expect(policy.exitIdle().created == [id(1): address(9)])
    }

    @Test func aNewListWithoutTheConnectionsEndpointDropsIt() {
        var policy = ready()
        #expect(policy.resolved([endpoint(2)]) == [.remove(id(0)), .update(.idle, .idle)])
        #expect(policy.exitIdle().created == [id(1): address(2)])
    }

    @Test func aNewListWhileConnectingBeginsAnew() {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        _ = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        #expect(
            policy.resolved([endpoint(7)]) == [
                stop(1), .remove(id(0)), .remove(id(1)), .create(id(2), address(7)), .connect(id(2)),
            ])
    }

    @Test func theSameListDisturbsNoAttempt() {
        var connecting = Driven(PickFirst())
        _ = connecting.resolved(PickFirstTests.three)
        #expect(connecting.resolved(PickFirstTests.three) == [])
        #expect(connecting.resolved(PickFirstTests.three.reversed() + [endpoint(1)]) == [])
        #expect(
            connecting.subchannel(id(0), changedTo: .transientFailure(refused)).created == [id(1): address(2)])
        // Else every look-up would begin the back-off anew.
        var failing = failing()
        #expect(failing.resolved(PickFirstTests.three) == [])
    }

    @Test func aNewListWhileFailingIsTriedAtOnceAndFailureSticks() {
        var policy = failing()
        #expect(
            policy.resolved([endpoint(7), endpoint(8)]) == [
                .remove(id(0)), .remove(id(1)), .remove(id(2)), .create(id(3), address(7)), .connect(id(3)),
                start(2),
            ])
        // And all of it is gone through.
        let next = policy.subchannel(id(3), changedTo: .transientFailure(refused))
        #expect(next == [stop(2), .create(id(4), address(8)), .connect(id(4))])
        #expect(
            policy.subchannel(id(4), changedTo: .ready) == [.remove(id(3)), .update(.ready, .only(id(4)))])
    }

    @Test func aBlackHoleAtTheHeadOfANewListWhileFailingCostsAQuarterOfASecond() {
        var policy = failing()
        _ = policy.resolved([endpoint(7), endpoint(8)])
        _ = policy.subchannel(id(3), changedTo: .connecting)
        #expect(policy.timerFired(timer(2)) == [.create(id(4), address(8)), .connect(id(4))])
        // The error is told again when each of the new list has failed.
        #expect(policy.subchannel(id(4), changedTo: .transientFailure(refused)) == [])
        let failed = policy.subchannel(id(3), changedTo: .transientFailure(refused))
        #expect(failed.lastUpdate?.picker.failure?.message.contains("10.0.0.7:80, 10.0.0.8:80") == true)
    }

    @Test func attemptsToEndpointsThatStayInTheSetGoOn() {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        _ = policy.timerFired(timer(0))
        // Subchannels 0 and 1 are connecting to the first and the second.
        #expect(
            policy.resolved([endpoint(7), endpoint(2), endpoint(8)]) == [
                stop(1), .remove(id(0)), .create(id(2), address(7)), .connect(id(2)),
                start(2),
            ])
        // The pass comes to the one that is under way, and waits for it as for any other.
        #expect(policy.timerFired(timer(2)) == [start(3)])
        #expect(policy.timerFired(timer(3)) == [.create(id(3), address(8)), .connect(id(3))])
        #expect(
            policy.subchannel(id(1), changedTo: .ready)
                == [.remove(id(2)), .remove(id(3)), .update(.ready, .only(id(1)))])
    }

    @Test func oneThatBacksOffAndStaysInTheSetKeepsItsBackOff() {
        var policy = failing()
        let commands = policy.resolved([endpoint(1), endpoint(9)])
        #expect(commands.removed == [id(1), id(2)])
        #expect(commands.created == [id(3): address(9)])
        #expect(commands.connected == [id(3)])
        // Its back-off ends during the pass, and it is tried again when the pass is over.
        #expect(policy.subchannel(id(0), changedTo: .idle) == [])
        #expect(policy.subchannel(id(3), changedTo: .transientFailure(refused)).connected == [id(0)])
    }

    // MARK: Connections that are lost as soon as they are made

    @Test func aConnectionLostTooSoonIsAFailure() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        #expect(
            policy.subchannel(id(0), changedTo: .transientFailure(refused))
                == [.resolveAgain, .update(.transientFailure, .fail(refused))])
        #expect(policy.exitIdle() == [])
        #expect(policy.subchannel(id(0), changedTo: .idle) == [.connect(id(0))])
        #expect(policy.subchannel(id(0), changedTo: .ready) == [.update(.ready, .only(id(0)))])
    }

    @Test func twoServersThatCloseAtOnceAreNotTriedInTurnsForEver() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1), endpoint(2)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        let second = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        #expect(second.created == [id(1): address(2)])
        #expect(second.lastUpdate?.state == .connecting)
        #expect(policy.subchannel(id(1), changedTo: .ready) == [.update(.ready, .only(id(1)))])
        // Both back off now: nobody is connected to.
        let failed = policy.subchannel(id(1), changedTo: .transientFailure(refused))
        #expect(failed.connected == [] && failed.removed == [])
        #expect(failed.lastUpdate?.state == .transientFailure)
        #expect(policy.subchannel(id(0), changedTo: .idle) == [.connect(id(0))])
    }

    @Test func oneThatRestsGoesWhenItsBackOffIsOver() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1), endpoint(2)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        _ = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        _ = policy.subchannel(id(1), changedTo: .ready)
        #expect(policy.subchannel(id(0), changedTo: .idle) == [.remove(id(0))])
    }

    @Test func idleKeepsTheNewList() {
        var policy = ready()
        _ = policy.subchannel(id(0), changedTo: .idle)
        #expect(policy.resolved([endpoint(5)]) == [.remove(id(0))])
        #expect(policy.exitIdle().created == [id(1): address(5)])
    }

    @Test func anEmptyListFailsAllPicks() {
        var policy = ready()
        let commands = policy.resolved([])
        #expect(commands.removed == [id(0)])
        #expect(commands.lastUpdate?.state == .transientFailure)
        #expect(commands.lastUpdate?.picker.failure?.message.contains("resolves to no address") == true)
        #expect(policy.exitIdle() == [])
        #expect(policy.resolved([endpoint(1)]).lastUpdate?.state == .connecting)
    }

    @Test func aResolversErrorMattersOnlyWithoutAList() {
        let error = RPCError(.unavailable, "no such name")
        var policy = Driven(PickFirst())
        #expect(policy.resolverFailed(error) == [.update(.transientFailure, .fail(error))])
        var connected = ready()
        #expect(connected.resolverFailed(error) == [])
    }

    @Test func anEndpointIsTriedOnceInAPass() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1), endpoint(1), endpoint(2)])
        #expect(
            policy.subchannel(id(0), changedTo: .transientFailure(refused)).created == [id(1): address(2)])
    }

    // MARK: Happy Eyeballs

    @Test func anAttemptThatHangsLetsTheNextBeginBesideIt() {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        #expect(
            policy.timerFired(timer(0)) == [.create(id(1), address(2)), .connect(id(1)), start(1)])
        // The last one needs no timer.
        #expect(policy.timerFired(timer(1)) == [.create(id(2), address(3)), .connect(id(2))])
        #expect(policy.timerFired(timer(1)) == [])
        #expect(
            policy.subchannel(id(1), changedTo: .ready)
                == [.remove(id(0)), .remove(id(2)), .update(.ready, .only(id(1)))])
    }

    @Test func onlyTheLatestAttemptHurriesTheNext() {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        _ = policy.timerFired(timer(0))
        #expect(policy.subchannel(id(0), changedTo: .transientFailure(refused)) == [])
        #expect(policy.subchannel(id(1), changedTo: .transientFailure(refused)).created == [id(2): address(3)])
    }

    @Test func failsOnlyWhenAttemptsSideBySideHaveAllFailed() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1), endpoint(2)])
        _ = policy.timerFired(timer(0))
        #expect(policy.subchannel(id(1), changedTo: .transientFailure(refused)) == [])
        #expect(policy.subchannel(id(0), changedTo: .transientFailure(refused)).lastUpdate?.state == .transientFailure)
    }

    @Test func familiesTakeTurns() {
        let six = { (number: UInt128) in Endpoint(address6(number)) }
        var policy = Driven(PickFirst())
        var created = policy.resolved([six(1), six(2), six(3), endpoint(1)]).created
        for number in 0..<3 { created.merge(policy.timerFired(timer(number)).created) { first, _ in first } }
        #expect(created == [id(0): address6(1), id(1): address(1), id(2): address6(2), id(3): address6(3)])
    }

    @Test func theAddressesOfAllEndpointsAreOneList() {
        var policy = Driven(PickFirst())
        let servers = [endpoint(1, address(11)), endpoint(2, address6(2)), endpoint(11)]
        var created = policy.resolved(servers).created
        for number in 0..<3 { created.merge(policy.timerFired(timer(number)).created) { first, _ in first } }
        #expect(created == [id(0): address(1), id(1): address6(2), id(2): address(11), id(3): address(2)])
        #expect(policy.timerFired(timer(3)) == [])
    }

    @Test func anEmptyListIsRefused() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([])
        #expect(policy.acceptance == .refused)
        _ = policy.resolved(PickFirstTests.three)
        #expect(policy.acceptance == .accepted)
    }

    @Test func aTimerThatWasStoppedIsNotHeardOf() {
        var policy = Driven(PickFirst())
        _ = policy.resolved(PickFirstTests.three)
        _ = policy.subchannel(id(0), changedTo: .transientFailure(refused))
        // It had fired already when it was stopped.
        #expect(policy.timerFired(timer(0)) == [])
    }
}
