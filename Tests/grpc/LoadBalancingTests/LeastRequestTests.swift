import LoadBalancing
import RPCCore
import Testing

@Suite struct LeastRequestTests {
    /// Subchannels 0..<count, for 10.0.0.1 and on, are READY.
    private func ready(_ count: Int, choices: Int = 2, seed: UInt64 = 1) -> Driven {
        var policy = Driven(LeastRequest(LeastRequest.Parameters(choiceCount: choices), seed: seed))
        _ = policy.resolved((1...UInt32(count)).map { endpoint($0) })
        for number in 0..<count { _ = policy.subchannel(id(number), changedTo: .ready) }
        return policy
    }

    @Test func theChannelIsToldOfEachChange() {
        var policy = Driven(LeastRequest(seed: 1))
        #expect(policy.resolved([endpoint(1), endpoint(2)]).lastUpdate?.state == .connecting)
        #expect(policy.subchannel(id(0), changedTo: .ready) == [.update(.ready, .policy)])
        #expect(policy.subchannel(id(1), changedTo: .ready) == [.update(.ready, .policy)])
        #expect(policy.subchannel(id(1), changedTo: .idle).contains(.update(.ready, .policy)))
        #expect(policy.subchannel(id(0), changedTo: .idle).lastUpdate?.state == .connecting)
    }

    /// A call that was given a server which cannot take it waits for an update.
    @Test(arguments: [LoadBalancingPolicyName.roundRobin, .leastRequest, .peakEWMA, .weightedRoundRobin])
    func everyChangeOfWhoIsReadyIsAnUpdate(name: LoadBalancingPolicyName) {
        var policy = Driven(LoadBalancingConfiguration(name).makePolicy(seed: 1))
        _ = policy.resolved([endpoint(1), endpoint(2)])
        for number in 0..<2 { #expect(policy.subchannel(id(number), changedTo: .ready).lastUpdate?.state == .ready) }
        #expect(policy.subchannel(id(0), changedTo: .idle).lastUpdate?.state == .ready)
    }

    /// As round_robin, the calls of which end at once.
    @Test func equalServersGetEqualShares() {
        var policy = ready(5)
        var counts: [SubchannelID: Int] = [:]
        for _ in 0..<5000 {
            let pick = policy.pick()
            if let id = pick.subchannel, let call = pick.tracking {
                counts[id, default: 0] += 1
                #expect(policy.callEnded(call) == [])
            }
        }
        #expect(counts.count == 5)
        // Binomial: 1000 ± 28; this is seven times that.
        for (id, count) in counts { #expect((800...1200).contains(count), "\(id): \(count)") }
    }

    /// One whose calls never end is taken only when it is drawn twice: 1 in 25 of five, with two draws.
    @Test func aServerThatHangsGetsWhatIsDrawnTwice() {
        var policy = ready(5)
        var counts: [SubchannelID: Int] = [:]
        for _ in 0..<5000 {
            let pick = policy.pick()
            guard let picked = pick.subchannel, let call = pick.tracking else { continue }
            counts[picked, default: 0] += 1
            if picked != id(0) { _ = policy.callEnded(call) }
        }
        // 200 ± 14, and a few before the first.
        #expect((100...300).contains(counts[id(0)] ?? 0), "\(counts)")
    }

    @Test func moreChoicesLeaveLess() {
        func share(_ choices: Int) -> Int {
            var policy = ready(3, choices: choices)
            var count = 0
            for _ in 0..<9000 {
                let pick = policy.pick()
                if pick.subchannel == id(0) {
                    count += 1
                } else if let call = pick.tracking {
                    _ = policy.callEnded(call)
                }
            }
            return count
        }
        // 1 in 9, 1 in 27, 1 in 59 049.
        #expect((850...1150).contains(share(2)))
        #expect((250...420).contains(share(3)))
        #expect(share(10) < 10)
    }

    /// Held calls go evenly: the busiest has at most one more than the least busy when all are compared in effect.
    @Test func callsThatAreHeldAreSpread() {
        var policy = ready(2, choices: 10)
        var counts = [0, 0]
        for _ in 0..<1000 { counts[policy.pick().subchannel?.rawValue ?? 0] += 1 }
        #expect(abs(counts[0] - counts[1]) <= 4, "\(counts)")
    }

    /// A slot is used again; what is left of its last owner's calls is not its successor's.
    @Test func aNewServerBeginsWithNothingUnderWay() {
        var policy = ready(1)
        let old = (0..<100).compactMap { _ in policy.pick().tracking }
        _ = policy.resolved([endpoint(2), endpoint(3)])
        _ = policy.subchannel(id(1), changedTo: .ready)
        _ = policy.subchannel(id(2), changedTo: .ready)
        // Would count as minus one hundred, and draw all calls.
        for call in old { _ = policy.callEnded(call) }
        var counts: [SubchannelID: Int] = [:]
        for _ in 0..<1000 { counts[policy.pick().subchannel ?? id(9), default: 0] += 1 }
        #expect(Set(counts.keys) == [id(1), id(2)])
        #expect(abs((counts[id(1)] ?? 0) - 500) < 20, "\(counts)")
    }

    @Test func whatIsUnderWayOutlivesAConnection() {
        var policy = ready(2)
        var held: [TrackedCall] = []
        while held.count < 50 {
            let pick = policy.pick()
            guard let call = pick.tracking else { break }
            if pick.subchannel == id(0) { held.append(call) } else { _ = policy.callEnded(call) }
        }
        for state in [.idle, .connecting, .ready] as [SubchannelState] {
            _ = policy.subchannel(id(0), changedTo: state)
        }
        var count = 0
        for _ in 0..<1000 {
            let pick = policy.pick()
            if pick.subchannel == id(0) { count += 1 }
            if let call = pick.tracking { _ = policy.callEnded(call) }
        }
        // A quarter: drawn twice.
        #expect((180...320).contains(count))
    }
}
