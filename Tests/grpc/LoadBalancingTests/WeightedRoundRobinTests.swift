import LoadBalancing
import RPCCore
import Testing
import Timing

@Suite struct WeightedRoundRobinTests {
    /// Subchannels 0..<count, for 10.0.0.1 and on, are READY.
    private func ready(
        _ count: Int, _ parameters: WeightedRoundRobin.Parameters = WeightedRoundRobin.Parameters()
    ) -> Driven {
        var policy = Driven(WeightedRoundRobin(parameters, seed: 1))
        _ = policy.resolved((1...UInt32(count)).map { endpoint($0) })
        for number in 0..<count { _ = policy.subchannel(id(number), changedTo: .ready) }
        return policy
    }

    private func report(
        calls: Double = 100, cpu: Double = 0, application: Double = 0, errors: Double = 0
    ) throws -> Metadata {
        var report = LoadReport()
        report.callsPerSecond = calls
        report.cpuUtilization = cpu
        report.applicationUtilization = application
        report.errorsPerSecond = errors
        var trailers = Metadata()
        try trailers.append(binary: report.bytes, for: LoadReport.key)
        return trailers
    }

    /// So many calls, each of which brings its server's report; who got how many.
    private func shares(
        _ calls: Int, _ policy: inout Driven, reports: [SubchannelID: Metadata] = [:]
    ) -> [SubchannelID: Int] {
        var counts: [SubchannelID: Int] = [:]
        for _ in 0..<calls {
            let pick = policy.pick()
            guard let id = pick.subchannel, let call = pick.tracking else { continue }
            counts[id, default: 0] += 1
            #expect(policy.callEnded(call, trailers: reports[id] ?? Metadata()) == [])
        }
        return counts
    }

    /// Time passes, and the policy's timer fires as often as it wants to.
    private func wait(_ duration: Duration, _ policy: inout Driven, _ timer: inout TimerID) {
        for _ in 0..<Int(duration / .seconds(1)) {
            policy.wait(.seconds(1))
            let commands = policy.timerFired(timer)
            for case .startTimer(let next, let delay) in commands {
                timer = next
                #expect(delay == .seconds(1))
            }
            #expect(commands.count == 1)
        }
    }

    /// The one that runs; Happy Eyeballs needs none for one address.
    private var first: TimerID { timer(0) }

    @Test func weightsAreToldThatCount() throws {
        var policy = ready(3)
        #expect(policy.account == PolicyAccount(policies: ["weighted_round_robin"]))
        let reports = [id(0): try report(calls: 100, cpu: 0.5), id(1): try report(calls: 300, cpu: 0.5)]
        _ = shares(3, &policy, reports: reports)
        // Of a server that has just begun nothing counts.
        policy.wait(.seconds(9))
        #expect(policy.account.servers.isEmpty)
        policy.wait(.seconds(1))
        #expect(policy.account.servers == [id(0): .init(weight: 200), id(1): .init(weight: 600)])
        policy.wait(.seconds(180))
        #expect(policy.account.servers.isEmpty)
    }

    @Test func withoutReportsItIsRoundRobin() {
        var policy = ready(5)
        #expect(shares(500, &policy) == Dictionary(uniqueKeysWithValues: (0..<5).map { (id($0), 100) }))
    }

    @Test func weightsCountAfterTheBlackout() throws {
        var policy = ready(2)
        var timer = first
        // 100 calls a second at 20 % and at 60 %: weights 500 and 167, three to one.
        let reports = [id(0): try report(cpu: 0.2), id(1): try report(cpu: 0.6)]
        for _ in 0..<9 {
            #expect(shares(400, &policy, reports: reports) == [id(0): 200, id(1): 200])
            wait(.seconds(1), &policy, &timer)
        }
        wait(.seconds(1), &policy, &timer)
        let counts = shares(4000, &policy, reports: reports)
        #expect(abs((counts[id(0)] ?? 0) - 3000) <= 3, "\(counts)")
    }

    @Test func aBlackoutOfNothingCountsAtOnce() throws {
        var policy = ready(2, WeightedRoundRobin.Parameters(blackoutPeriod: .zero))
        var timer = first
        _ = shares(2, &policy, reports: [id(0): try report(cpu: 0.1), id(1): try report(cpu: 0.3)])
        wait(.seconds(1), &policy, &timer)
        #expect(abs((shares(4000, &policy)[id(0)] ?? 0) - 3000) <= 3)
    }

    @Test func oldWeightsExpireAndTheBlackoutAppliesAnew() throws {
        var policy = ready(2)
        var timer = first
        let reports = [id(0): try report(cpu: 0.2), id(1): try report(cpu: 0.6)]
        _ = shares(2, &policy, reports: reports)
        wait(.seconds(179), &policy, &timer)
        #expect((shares(400, &policy)[id(0)] ?? 0) > 290)
        wait(.seconds(1), &policy, &timer)
        #expect(shares(400, &policy) == [id(0): 200, id(1): 200])
        _ = shares(2, &policy, reports: reports)
        wait(.seconds(9), &policy, &timer)
        #expect(shares(400, &policy) == [id(0): 200, id(1): 200])
        wait(.seconds(1), &policy, &timer)
        #expect((shares(400, &policy)[id(0)] ?? 0) > 290)
    }

    /// A new connection may lead to a new process.
    @Test func theBlackoutAppliesToANewConnection() throws {
        var policy = ready(3)
        var timer = first
        let reports = [id(0): try report(cpu: 0.1), id(1): try report(cpu: 0.4), id(2): try report(cpu: 0.4)]
        _ = shares(3, &policy, reports: reports)
        wait(.seconds(11), &policy, &timer)
        let counts = shares(6000, &policy, reports: reports)
        #expect(abs((counts[id(0)] ?? 0) - 4000) <= 5, "\(counts)")
        for state in [.idle, .connecting, .ready] as [SubchannelState] {
            _ = policy.subchannel(id(0), changedTo: state)
        }
        // It counts as the mean of the others.
        let after = shares(600, &policy, reports: reports)
        #expect(after == [id(0): 200, id(1): 200, id(2): 200])
    }

    /// Of a server that fails half of its calls a half counts as busy besides, by a penalty of 1.
    @Test func errorsCountAsLoad() throws {
        func share(penalty: Double) throws -> Int {
            var policy = ready(
                2, WeightedRoundRobin.Parameters(blackoutPeriod: .zero, errorUtilizationPenalty: penalty))
            var timer = first
            let reports = [id(0): try report(cpu: 0.25), id(1): try report(cpu: 0.25, errors: 50)]
            _ = shares(2, &policy, reports: reports)
            wait(.seconds(1), &policy, &timer)
            return shares(4000, &policy)[id(0)] ?? 0
        }
        #expect(try share(penalty: 0) == 2000)
        #expect(abs(try share(penalty: 1) - 3000) <= 3)
    }

    @Test func theApplicationsOwnMeasureGoesBeforeTheProcessors() throws {
        var policy = ready(2, WeightedRoundRobin.Parameters(blackoutPeriod: .zero))
        var timer = first
        let reports = [id(0): try report(cpu: 0.9, application: 0.1), id(1): try report(cpu: 0.1, application: 0.3)]
        _ = shares(2, &policy, reports: reports)
        wait(.seconds(1), &policy, &timer)
        #expect(abs((shares(4000, &policy)[id(0)] ?? 0) - 3000) <= 3)
    }

    /// A peer may send anything; nonsense is as good as nothing.
    @Test func nonsenseIsNoWeight() throws {
        func trailers(_ text: String) -> Metadata {
            var metadata = Metadata()
            metadata.append(key: LoadReport.key.utf8.span, value: text.utf8.span)
            return metadata
        }
        var nonsense = ["", "!!!", "AAAA", "CQAAAA"].map(trailers)
        for (calls, cpu, errors) in [
            (0, 0.5, 0), (-1, 0.5, 0), (.nan, 0.5, 0), (.infinity, 0.5, 0), (100, 0, 0), (100, -1, 0), (100, .nan, 0),
            (100, .infinity, 0), (100, 0.5, -1), (100, 0.5, .nan), (100, 0.5, .infinity),
        ] as [(Double, Double, Double)] {
            nonsense.append(try report(calls: calls, cpu: cpu, errors: errors))
        }
        for trailers in nonsense {
            var policy = ready(3, WeightedRoundRobin.Parameters(blackoutPeriod: .zero))
            var timer = first
            let fine = try report(cpu: 0.5)
            _ = shares(3, &policy, reports: [id(0): fine, id(1): try report(cpu: 0.1), id(2): trailers])
            wait(.seconds(1), &policy, &timer)
            let counts = shares(6000, &policy)
            // 200, 1000, and the mean of the two.
            #expect(abs((counts[id(2)] ?? 0) - 2000) <= 5, "\(trailers): \(counts)")
        }
    }

    @Test func theTimerRunsWhileSomebodyIsReady() {
        var policy = Driven(WeightedRoundRobin(seed: 1))
        _ = policy.resolved([endpoint(1)])
        let commands = policy.subchannel(id(0), changedTo: .ready)
        #expect(commands == [.startTimer(first, .seconds(1)), .update(.ready, .policy)])
        #expect(policy.timerFired(first) == [.startTimer(timer(1), .seconds(1))])
        #expect(policy.subchannel(id(0), changedTo: .idle).contains(.stopTimer(timer(1))))
        #expect(policy.subchannel(id(0), changedTo: .ready).contains(.startTimer(timer(2), .seconds(1))))
        #expect(policy.shutdown().contains(.stopTimer(timer(2))))
    }

    /// Extremes are cut: a weight counts as no more than ten times the mean, nor less than a tenth.
    @Test func noWeightStarvesTheOthers() throws {
        var policy = ready(2, WeightedRoundRobin.Parameters(blackoutPeriod: .zero))
        var timer = first
        let reports = [id(0): try report(cpu: 1e-9), id(1): try report(cpu: 1)]
        _ = shares(2, &policy, reports: reports)
        wait(.seconds(1), &policy, &timer)
        let counts = shares(2100, &policy)
        #expect((counts[id(1)] ?? 0) >= 95, "\(counts)")
    }
}
