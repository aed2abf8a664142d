import Glibc
import LoadBalancing
import RPCCore
import Testing
import Timing

@Suite struct PeakEWMATests {
    /// Subchannels 0..<count, for 10.0.0.1 and on, are READY.
    private func ready(_ count: Int, _ parameters: PeakEWMA.Parameters = PeakEWMA.Parameters()) -> Driven {
        var policy = Driven(PeakEWMA(parameters, seed: 1))
        _ = policy.resolved((1...UInt32(count)).map { endpoint($0) })
        for number in 0..<count { _ = policy.subchannel(id(number), changedTo: .ready) }
        return policy
    }

    /// So many calls, one after the other, each of which takes what its server takes; who got how many.
    private func shares(
        _ calls: Int, _ policy: inout Driven, every interval: Duration = .milliseconds(5),
        taking latency: (SubchannelID) -> Duration
    ) -> [SubchannelID: Int] {
        var counts: [SubchannelID: Int] = [:]
        for _ in 0..<calls {
            let pick = policy.pick()
            guard let id = pick.subchannel, let call = pick.tracking else { continue }
            counts[id, default: 0] += 1
            policy.wait(interval)
            #expect(policy.callEnded(call, after: latency(id)) == [])
        }
        return counts
    }

    @Test func theExponentialIsExactToNineDigits() {
        var x = 0.0
        while x < 30 {
            let exact = exp(-x)
            #expect(abs(ExponentialDecay.factor(x) - exact) <= exact * 1e-9, "\(x)")
            x += 0.01
        }
        #expect(ExponentialDecay.factor(-1) == 1)
        #expect(ExponentialDecay.factor(0) == 1)
        #expect(ExponentialDecay.factor(699) > 0)
        #expect(ExponentialDecay.factor(.infinity) == 0)
    }

    @Test func whatAnswersTakeIsToldAsItIsNow() throws {
        var policy = ready(2)
        #expect(policy.account == PolicyAccount(policies: ["peak_ewma"]))
        _ = shares(2, &policy) { $0.rawValue == 0 ? .milliseconds(200) : .milliseconds(1) }
        let (slow, quick) = (policy.account.servers[id(0)]?.latency, policy.account.servers[id(1)]?.latency)
        #expect((Duration.milliseconds(199)...Duration.milliseconds(200)).contains(try #require(slow)))
        #expect(try #require(quick) <= .milliseconds(1))
        policy.wait(.seconds(10))
        let later = try #require(policy.account.servers[id(0)]?.latency)
        #expect((Duration.milliseconds(73)...Duration.milliseconds(74)).contains(later), "200 ms ÷ e: \(later)")
    }

    @Test func equalServersGetEqualShares() {
        var policy = ready(5)
        let counts = shares(5000, &policy) { _ in .milliseconds(1) }
        #expect(counts.count == 5)
        for (id, count) in counts { #expect((700...1300).contains(count), "\(id): \(count)") }
    }

    /// One of five is slow by 200 ms, at 200 calls a second: one call finds that out, and in the 50 s until its value has
    /// come down from 200 ms to 1 ms (10 s × ln 200 = 53 s) there is no other.
    @Test func aSlowServerIsFoundOutByOneCall() {
        var policy = ready(5)
        func slow(_ id: SubchannelID) -> Duration { id.rawValue == 0 ? .milliseconds(201) : .milliseconds(1) }
        #expect(shares(10_000, &policy, taking: slow)[id(0)] == 1)
        #expect(shares(1200, &policy, taking: slow)[id(0)] == 1)
    }

    @Test func aSlowServerIsTriedAgainAndTakenBack() {
        var policy = ready(2)
        _ = shares(100, &policy) { $0 == id(0) ? .milliseconds(201) : .milliseconds(1) }
        // It has recovered, and nobody knows. After ten decay times its value is 201 ms / 22 026.
        #expect(shares(100, &policy) { _ in .milliseconds(1) }[id(0)] == nil)
        policy.wait(.seconds(100))
        _ = shares(20, &policy) { _ in .milliseconds(1) }
        let counts = shares(1000, &policy) { _ in .milliseconds(1) }
        #expect((400...600).contains(counts[id(0)] ?? 0), "\(counts)")
    }

    /// A peak counts at once, what is quicker than it little by little.
    @Test func aPeakCountsAtOnceAndDecays() {
        var policy = ready(2)
        // Only two picks, with both under way, go to both.
        let calls = [policy.pick(), policy.pick()]
        guard let slow = calls[0].tracking, let quick = calls[1].tracking, let slowID = calls[0].subchannel else {
            Issue.record("\(calls)")
            return
        }
        #expect(calls[1].subchannel != slowID)
        // 100 ms stand against 60 ms: the other is preferred, until 100 ms · e^-t/10s < 60 ms · e^-u/10s.
        _ = policy.callEnded(slow, after: .milliseconds(100))
        _ = policy.callEnded(quick, after: .milliseconds(60))
        let first = policy.pick()
        #expect(first.subchannel != slowID)
        // With one call under way the other costs 120 ms.
        let second = policy.pick()
        #expect(second.subchannel == slowID)
        // Both decay alike while nothing comes: the order stays.
        for pick in [first, second] { if let call = pick.tracking { _ = policy.callEnded(call, wasSent: false) } }
        policy.wait(.seconds(30))
        #expect(policy.pick().subchannel != slowID)
    }

    /// Finagle's average: after a second of ten the old value weighs e^-0.1, so 100 ms and an answer of 50 ms make 95.2 ms,
    /// where 90.5 ms are left of one without an answer.
    @Test func aQuickerAnswerDrawsTheValueDownByTime() {
        var policy = ready(2)
        for call in [policy.pick(), policy.pick()].compactMap(\.tracking) {
            _ = policy.callEnded(call, after: .milliseconds(100))
        }
        let pick = policy.pick()
        guard let call = pick.tracking else { return }
        policy.wait(.seconds(1))
        _ = policy.callEnded(call, after: .milliseconds(50))
        for _ in 0..<20 {
            let next = policy.pick()
            #expect(next.subchannel != pick.subchannel)
            if let call = next.tracking { _ = policy.callEnded(call, wasSent: false) }
        }
    }

    /// It gets a call at once, and no more while that one is under way: then it counts as 30 ms.
    @Test func aNewServerIsTriedAtOnceAndNotFlooded() {
        var policy = ready(4)
        _ = shares(400, &policy) { _ in .milliseconds(1) }
        _ = policy.resolved((1...5).map { endpoint($0) })
        _ = policy.subchannel(id(4), changedTo: .ready)
        var first: TrackedCall?
        for _ in 0..<100 {
            let pick = policy.pick()
            if pick.subchannel == id(4) {
                #expect(first == nil)
                first = pick.tracking
            } else if let call = pick.tracking {
                _ = policy.callEnded(call, after: .milliseconds(1))
            }
        }
        guard let first else {
            Issue.record("it was not tried")
            return
        }
        _ = policy.callEnded(first, after: .milliseconds(1))
        let counts = shares(2000, &policy) { _ in .milliseconds(1) }
        #expect((250...550).contains(counts[id(4)] ?? 0), "\(counts)")
    }

    @Test func whatIsKnownOutlivesAConnection() {
        var policy = ready(2)
        _ = shares(100, &policy) { $0 == id(0) ? .milliseconds(201) : .milliseconds(1) }
        for state in [.idle, .connecting, .ready] as [SubchannelState] {
            _ = policy.subchannel(id(0), changedTo: state)
        }
        #expect(shares(100, &policy) { _ in .milliseconds(1) }[id(0)] == nil)
    }

    /// What never left says nothing of the server.
    @Test func aCallThatWasNotSentIsNoAnswer() {
        var policy = ready(2)
        let pick = policy.pick()
        guard let call = pick.tracking, let picked = pick.subchannel else { return }
        _ = policy.callEnded(call, .unavailable, wasSent: false, after: .seconds(5))
        let counts = shares(200, &policy) { _ in .milliseconds(30) }
        #expect((counts[picked] ?? 0) > 50, "\(counts)")
    }

    @Test func failuresThatAreQuickDrawCallsUnlessTheyArePenalized() {
        func share(penalty: Duration) -> Int {
            var policy = ready(2, PeakEWMA.Parameters(failurePenalty: penalty))
            var count = 0
            for _ in 0..<1000 {
                let pick = policy.pick()
                guard let call = pick.tracking else { continue }
                let fails = pick.subchannel == id(0)
                if fails { count += 1 }
                policy.wait(.milliseconds(5))
                _ = policy.callEnded(call, fails ? .unavailable : .ok, after: .milliseconds(fails ? 1 : 10))
            }
            return count
        }
        #expect(share(penalty: .zero) > 900)
        #expect(share(penalty: PeakEWMA.Parameters().failurePenalty) <= 2)
    }

    /// What its only caller did not wait for is not what it takes.
    @Test func aFirstCallThatIsCancelledSaysNothing() {
        var policy = ready(2)
        let (one, other) = (policy.pick(), policy.pick())
        guard let cancelled = one.tracking, let call = other.tracking, let picked = one.subchannel else {
            Issue.record("\(one), \(other)")
            return
        }
        _ = policy.callEnded(cancelled, .cancelled, after: .milliseconds(1))
        _ = policy.callEnded(call, after: .milliseconds(5))
        // Unknown as it is it gets a call, and while it has one counts as 30 ms.
        #expect(policy.pick().subchannel == picked)
        for _ in 0..<4 { #expect(policy.pick().subchannel != picked) }
    }

    /// A server that does not answer at all would be drawn for ever as one that is new.
    @Test func aFirstCallThatIsCancelledLateSaysThatTheServerIsSlow() {
        var policy = ready(2)
        let (one, other) = (policy.pick(), policy.pick())
        guard let cancelled = one.tracking, let call = other.tracking, let picked = one.subchannel else {
            Issue.record("\(one), \(other)")
            return
        }
        _ = policy.callEnded(cancelled, .cancelled, after: .seconds(1))
        _ = policy.callEnded(call, after: .milliseconds(5))
        for _ in 0..<10 { #expect(policy.pick().subchannel != picked) }
    }
}
