import LoadBalancing
import RPCCore
import Testing

/// gRFC A61's generic health reporting: what A17 and A50 tell the policies of servers that are connected.
@Suite struct HealthTests {
    private static let sick = RPCError(.unavailable, "10.0.0.1:80 is not serving")

    private func ready(_ count: Int) -> Driven {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved((1...UInt32(count)).map { endpoint($0) })
        for number in 0..<count { _ = policy.subchannel(id(number), changedTo: .ready) }
        return policy
    }

    @Test func whoIsNotServingGetsNoCallsAndKeepsItsConnection() throws {
        var policy = ready(3)
        let out = policy.subchannel(id(0), healthChangedTo: .notServing(HealthTests.sick))
        #expect(out.count == 1, "\(out)")
        let update = try #require(out.lastUpdate)
        #expect(update.state == .ready)
        #expect(Set(update.picker.picks(4)) == [.subchannel(id(1)), .subchannel(id(2))])
        // Told twice, it is no news.
        #expect(policy.subchannel(id(0), healthChangedTo: .notServing(HealthTests.sick)) == [])
        let back = try #require(policy.subchannel(id(0), healthChangedTo: .serving).lastUpdate)
        #expect(Set(back.picker.picks(3)) == [.subchannel(id(0)), .subchannel(id(1)), .subchannel(id(2))])
    }

    @Test func whenNobodyServesCallsFailWithTheCause() throws {
        var policy = ready(1)
        let update = try #require(policy.subchannel(id(0), healthChangedTo: .notServing(HealthTests.sick)).lastUpdate)
        #expect(update.state == .transientFailure)
        #expect(update.picker.failure == HealthTests.sick)
    }

    @Test func callsWaitForTheFirstWordOfAServer() throws {
        var policy = Driven(RoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1)])
        _ = policy.subchannel(id(0), changedTo: .connecting)
        #expect(policy.subchannel(id(0), healthChangedTo: .connecting) == [])
        #expect(policy.subchannel(id(0), changedTo: .ready).lastUpdate?.state == .connecting)
        #expect(policy.subchannel(id(0), healthChangedTo: .serving).lastUpdate?.state == .ready)
    }

    /// What was known of the last connection does not hold for the next.
    @Test func eachConnectionBeginsAsServing() throws {
        var policy = ready(2)
        _ = policy.subchannel(id(0), healthChangedTo: .notServing(HealthTests.sick))
        for state in [.idle, .connecting] as [SubchannelState] { _ = policy.subchannel(id(0), changedTo: state) }
        let update = try #require(policy.subchannel(id(0), changedTo: .ready).lastUpdate)
        #expect(Set(update.picker.picks(2)) == [.subchannel(id(0)), .subchannel(id(1))])
    }

    @Test func pickFirstByItselfTakesNoNotice() {
        var policy = Driven(PickFirst())
        _ = policy.resolved([endpoint(1)])
        _ = policy.subchannel(id(0), changedTo: .ready)
        #expect(policy.subchannel(id(0), healthChangedTo: .notServing(HealthTests.sick)) == [])
    }
}
