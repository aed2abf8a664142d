import LoadBalancing
import RPCCore
import Testing
import Timing

@Suite struct OutlierDetectionTests {
    /// With the interval's timer, and what of the calls to each of 10.0.0.1, 10.0.0.2 … fails.
    private struct Fleet {
        var policy: Driven
        var timer: TimerID
        var failing: [Int: Int] = [:]
        private(set) var updates: [(state: ConnectivityState, picker: Picker)] = []

        init(_ count: Int, _ parameters: OutlierDetectionParameters, seed: UInt64 = 1) {
            let name = LoadBalancingConfiguration.outlierDetection(parameters, child: .roundRobin)
            policy = Driven(name.makePolicy(seed: seed))
            let commands = policy.resolved((1...UInt32(count)).map { endpoint($0) })
            timer = TimerID(-1)
            for case .startTimer(let id, let delay) in commands where delay == parameters.interval { timer = id }
            for number in 0..<count { note(policy.subchannel(id(number), changedTo: .ready)) }
        }

        mutating func note(_ commands: [PolicyCommand]) {
            if let update = commands.lastUpdate { updates.append(update) }
        }

        /// So many calls for each that is in the rotation; of the failing ones' the first so many of a hundred fail.
        /// Answers who got how many.
        @discardableResult
        mutating func calls(_ count: Int) -> [Int: Int] {
            var counts: [Int: Int] = [:]
            for _ in 0..<count {
                let pick = policy.pick()
                guard let server = pick.subchannel?.rawValue, let call = pick.tracking else { continue }
                let number = counts[server, default: 0]
                counts[server] = number + 1
                let fails = number % 100 < failing[server] ?? 0
                note(policy.callEnded(call, fails ? .internal : .ok))
            }
            return counts
        }

        /// The next look; answers what the policy asked for.
        @discardableResult
        mutating func look(after interval: Duration = .seconds(10)) -> [PolicyCommand] {
            policy.wait(interval)
            let commands = policy.timerFired(timer)
            for case .startTimer(let id, interval) in commands { timer = id }
            note(commands)
            return commands
        }

        /// Whom calls go to.
        var rotation: Set<Int> { mutating get { Set(calls(policyRound).keys) } }
        private let policyRound = 20
    }

    private static var failures: OutlierDetectionParameters { OutlierDetectionParameters(failurePercentage: .init()) }
    private static var rates: OutlierDetectionParameters { OutlierDetectionParameters(successRate: .init()) }

    @Test func whoFailsTooOftenIsEjectedAndComesBack() throws {
        var fleet = Fleet(5, OutlierDetectionTests.failures)
        fleet.failing = [2: 86]
        fleet.calls(500)
        #expect(fleet.rotation == [0, 1, 2, 3, 4])
        let commands = fleet.look()
        // It keeps its connection.
        #expect(commands.removed.isEmpty && commands.connected.isEmpty)
        #expect(fleet.rotation == [0, 1, 3, 4])
        fleet.failing = [:]
        // 30 s, and strictly more.
        for _ in 0..<3 { fleet.look() }
        #expect(fleet.rotation == [0, 1, 3, 4])
        fleet.look()
        #expect(fleet.rotation == [0, 1, 2, 3, 4])
    }

    @Test func whoIsEjectedIsToldWithTheTimeLeft() throws {
        var parameters = OutlierDetectionTests.failures
        parameters.baseEjectionTime = .seconds(25)
        var fleet = Fleet(5, parameters)
        #expect(fleet.policy.account == PolicyAccount(policies: ["outlier_detection", "round_robin"]))
        fleet.failing = [2: 90]
        fleet.calls(500)
        fleet.look()
        let since = fleet.policy.now
        fleet.failing = [:]
        fleet.look()
        // He comes back at a look: the third.
        let ejection = PolicyAccount.Ejection(since: since, end: since + .seconds(30), failed: 90, calls: 100)
        #expect(fleet.policy.account.servers == [id(2): PolicyAccount.Server(ejection: ejection)])
        for _ in 0..<2 { fleet.look() }
        #expect(fleet.policy.now == ejection.end && fleet.policy.account.servers.isEmpty)
    }

    /// What an operator may write must not trap.
    @Test func anEjectionForEverIsToldToo() {
        var parameters = OutlierDetectionTests.failures
        parameters.baseEjectionTime = .nanoseconds(Int64.max)
        parameters.maxEjectionTime = .nanoseconds(Int64.max)
        var fleet = Fleet(5, parameters)
        fleet.failing = [2: 90]
        fleet.calls(500)
        fleet.look()
        #expect(fleet.policy.account.servers[id(2)]?.ejection?.end == .distantFuture)
    }

    /// gRFC A50: "greater than".
    @Test func theThresholdItselfIsAllowed() {
        var fleet = Fleet(5, OutlierDetectionTests.failures)
        fleet.failing = [2: 85]
        fleet.calls(500)
        fleet.look()
        #expect(fleet.rotation == [0, 1, 2, 3, 4])
    }

    /// 1 - 0.71 is more than 0.29 to a processor.
    @Test func theThresholdIsExact() {
        var parameters = OutlierDetectionTests.failures
        parameters.failurePercentage?.threshold = 29
        var fleet = Fleet(5, parameters)
        fleet.failing = [2: 29]
        fleet.calls(500)
        fleet.look()
        #expect(fleet.rotation == [0, 1, 2, 3, 4])
        fleet.failing = [2: 30]
        fleet.calls(480)
        fleet.look()
        #expect(fleet.rotation == [0, 1, 3, 4])
    }

    @Test func fewCallsOrFewServersSayNothing() {
        var few = Fleet(5, OutlierDetectionTests.failures)
        few.failing = [2: 100]
        few.calls(245)
        few.look()
        #expect(few.rotation.count == 5)
        var small = Fleet(4, OutlierDetectionTests.failures)
        small.failing = [2: 100]
        small.calls(4000)
        small.look()
        #expect(small.rotation.count == 4)
    }

    /// What was counted in one interval is forgotten in the next.
    @Test func eachIntervalCountsForItself() {
        var fleet = Fleet(5, OutlierDetectionTests.failures)
        fleet.failing = [2: 100]
        fleet.calls(200)
        fleet.look()
        fleet.calls(200)
        fleet.look()
        #expect(fleet.rotation.count == 5)
    }

    @Test func whoFailsMoreThanTheOthersIsEjected() {
        var fleet = Fleet(5, OutlierDetectionTests.rates)
        // Means 0.96 and 0.08: 0.8 is two deviations below, and 1.9 are enough.
        fleet.failing = [3: 20]
        fleet.calls(500)
        fleet.look()
        #expect(fleet.rotation == [0, 1, 2, 4])
    }

    @Test func whenAllFailAlikeNobodyIsEjected() {
        var fleet = Fleet(5, OutlierDetectionTests.rates)
        fleet.failing = [0: 50, 1: 50, 2: 50, 3: 50, 4: 50]
        fleet.calls(500)
        fleet.look()
        #expect(fleet.rotation.count == 5)
    }

    @Test func theFactorSaysHowFar() {
        var parameters = OutlierDetectionTests.rates
        parameters.successRate?.stdevFactor = 2100
        var fleet = Fleet(5, parameters)
        fleet.failing = [3: 20]
        fleet.calls(500)
        fleet.look()
        #expect(fleet.rotation.count == 5)
    }

    /// One more is ejected while fewer than the limit are: of five at 10 % one, at 30 % two.
    @Test func someStayHoweverManyFail() {
        for (percent, left) in [(10, 4), (30, 3), (0, 5), (100, 0)] {
            var parameters = OutlierDetectionTests.failures
            parameters.maxEjectionPercent = percent
            var fleet = Fleet(5, parameters)
            fleet.failing = [0: 100, 1: 100, 2: 100, 3: 100, 4: 100]
            fleet.calls(500)
            fleet.look()
            #expect(fleet.rotation.count == left, "\(percent)")
        }
    }

    @Test func whenAllAreEjectedCallsFailWithTheCause() throws {
        var parameters = OutlierDetectionTests.failures
        parameters.maxEjectionPercent = 100
        parameters.failurePercentage?.minimumHosts = 1
        var fleet = Fleet(1, parameters)
        fleet.failing = [0: 100]
        fleet.calls(60)
        let update = try #require(fleet.look().lastUpdate)
        #expect(update.state == .transientFailure)
        #expect(
            update.picker.failure?.message
                == "10.0.0.1:80 is ejected by outlier_detection: 60 of 60 calls failed")
    }

    @Test func enforcementIsByChance() {
        func ejected(_ percentage: Int) -> Int {
            (0..<200).count { seed in
                var parameters = OutlierDetectionTests.failures
                parameters.failurePercentage?.enforcementPercentage = percentage
                var fleet = Fleet(5, parameters, seed: UInt64(seed))
                fleet.failing = [2: 100]
                fleet.calls(250)
                return fleet.look().lastUpdate != nil
            }
        }
        #expect(ejected(0) == 0)
        #expect((60...140).contains(ejected(50)))
        #expect(ejected(100) == 200)
    }

    /// 30 s, 60 s, 90 s …, 300 s at most; and less again for each interval that it has been well for.
    @Test func timesGrowAndShrink() {
        var parameters = OutlierDetectionTests.failures
        parameters.maxEjectionTime = .seconds(70)
        var fleet = Fleet(5, parameters)
        /// How many intervals it is out for.
        func ejection() -> Int {
            fleet.failing = [2: 100]
            fleet.calls(500)
            fleet.look()
            fleet.failing = [:]
            #expect(!fleet.rotation.contains(2))
            var looks = 0
            repeat {
                fleet.look()
                looks += 1
            } while !fleet.rotation.contains(2) && looks < 100
            return looks
        }
        #expect(ejection() == 4)
        // Back, and failing at once: nothing was forgiven, but that the look at which it came back is none of the well.
        #expect(ejection() == 7)
        #expect(ejection() == 8)
        for _ in 0..<3 { fleet.look() }
        #expect(ejection() == 4)
    }

    @Test func callsThatWereNotSentSayNothing() {
        var fleet = Fleet(5, OutlierDetectionTests.failures)
        for _ in 0..<500 {
            let pick = fleet.policy.pick()
            if let call = pick.tracking {
                let isBad = pick.subchannel == id(2)
                fleet.note(fleet.policy.callEnded(call, isBad ? .unavailable : .ok, wasSent: !isBad))
            }
        }
        fleet.look()
        #expect(fleet.rotation.count == 5)
    }

    /// gRFC A61: one whose server says that it does not serve stays out when its ejection is over.
    @Test func ejectionAndHealthAreTwoReasons() {
        var fleet = Fleet(5, OutlierDetectionTests.failures)
        fleet.failing = [2: 100]
        fleet.calls(500)
        fleet.look()
        fleet.failing = [:]
        let sick = SubchannelHealth.notServing(RPCError(.unavailable, "not serving"))
        #expect(fleet.policy.subchannel(id(2), healthChangedTo: sick) == [])
        for _ in 0..<5 { fleet.look() }
        #expect(fleet.rotation == [0, 1, 3, 4])
        fleet.note(fleet.policy.subchannel(id(2), healthChangedTo: .serving))
        #expect(fleet.rotation == [0, 1, 2, 3, 4])
    }

    @Test func aNewConnectionDoesNotEndAnEjection() {
        var fleet = Fleet(5, OutlierDetectionTests.failures)
        fleet.failing = [2: 100]
        fleet.calls(500)
        fleet.look()
        for state in [.idle, .connecting, .ready] as [SubchannelState] {
            fleet.note(fleet.policy.subchannel(id(2), changedTo: state))
        }
        #expect(fleet.rotation == [0, 1, 3, 4])
    }

    /// Who leaves and comes again is another server; and who has left takes no place among the ejected.
    @Test func whoLeavesIsForgotten() {
        var fleet = Fleet(5, OutlierDetectionTests.failures)
        fleet.failing = [2: 100]
        fleet.calls(500)
        fleet.look()
        fleet.note(fleet.policy.resolved([1, 2, 4, 5, 6].map { endpoint($0) }))
        fleet.note(fleet.policy.subchannel(id(5), changedTo: .ready))
        #expect(fleet.rotation == [0, 1, 3, 4, 5])
        fleet.failing = [5: 100]
        fleet.calls(500)
        fleet.look()
        #expect(fleet.rotation == [0, 1, 3, 4])
    }

    @Test func withoutAWayToFindOutliersNothingIsCounted() {
        let configuration = LoadBalancingConfiguration.outlierDetection(
            OutlierDetectionParameters(), child: .roundRobin)
        var policy = Driven(configuration.makePolicy(seed: 1))
        let commands = policy.resolved([endpoint(1)])
        #expect(!commands.contains { if case .startTimer = $0 { true } else { false } })
        guard case .rotation = policy.subchannel(id(0), changedTo: .ready).lastUpdate?.picker else {
            Issue.record("the policy within chooses by itself")
            return
        }
    }

    /// The policy within hears of its own calls.
    @Test func aPolicyThatTracksItsCallsIsTracked() throws {
        let configuration = LoadBalancingConfiguration.outlierDetection(
            OutlierDetectionTests.failures, child: .leastRequest(LeastRequest.Parameters(choiceCount: 10)))
        var policy = Driven(configuration.makePolicy(seed: 1))
        _ = policy.resolved((1...5).map { endpoint($0) })
        for number in 0..<5 { _ = policy.subchannel(id(number), changedTo: .ready) }
        var open: [(TrackedCall, SubchannelID)] = []
        for _ in 0..<100 {
            let pick = policy.pick()
            if let call = pick.tracking, let id = pick.subchannel { open.append((call, id)) }
        }
        // With ten choices of five each has its twenty, or nearly.
        let held = Dictionary(grouping: open) { $0.1 }.mapValues(\.count)
        #expect(held.count == 5 && held.values.allSatisfy { (18...22).contains($0) }, "\(held)")
        for (call, picked) in open where picked == id(3) { _ = policy.callEnded(call) }
        // What comes now goes there, until it has as many; it is not among ten draws once in nine times.
        let picks = (0..<15).map { _ in policy.pick().subchannel }
        #expect(picks.count { $0 == id(3) } >= 8, "\(picks)")
    }
}
