import Events
import Instruments
import LoadBalancing
import System
import Terminal
import Timing

/// What a policy of the gateway's does about one slow pod of five.
enum PolicyTrial {
    private static let warmUp = Duration.seconds(1)
    private static let undisturbed = Duration.seconds(4)
    static let duration = .seconds(4) + warmUp + undisturbed + SlowPodTrial.settling + SlowPodTrial.time

    static func run(
        _ policy: LoadBalancingPolicyName, on system: any TrialSystem, _ loop: EventLoop
    ) async throws -> PolicyReport {
        var report = PolicyReport(policy: policy.rawValue)
        if let obstacle = system.obstacle(to: .delay) { throw Failure(obstacle) }
        let load = LoadGenerator(system.entry, rate: TrialBench.rate, on: loop)
        defer { load.cancel() }
        // The first calls make the connections.
        try await loop.sleep(for: warmUp)
        let warm = MonotonicClock.now
        try await loop.sleep(for: undisturbed)
        guard let name = load.record.distribution.busiest,
            let pod = try await system.pods().first(where: { $0.name == name })
        else { throw Failure("no call was answered: \(load.record.failures.first?.failure ?? "none ended")") }
        let changed = MonotonicClock.now
        try await system.delay(pod, by: SlowPodTrial.delay)
        try await loop.sleep(for: SlowPodTrial.settling)
        let start = MonotonicClock.now
        try await loop.sleep(for: SlowPodTrial.time)
        let end = MonotonicClock.now
        let record = try await load.stop()
        try await system.delay(pod, by: nil)

        let (before, after) = (
            record.due(from: warm, to: changed), record.due(from: start, to: end)
        )
        let rule = SlowPodRule(policy)
        let share = 100 * Double(after.distribution.served[name] ?? 0) / Double(max(1, after.distribution.total))
        func note(_ name: String, _ value: Double?, _ unit: Figure.Unit, _ prediction: Prediction) {
            report.figures.append(
                Figure(trial: "slow-pod", name: name, of: policy.rawValue, value: value, unit, prediction))
        }
        note("slow pod's share", share, .percent, Prediction(within: rule.share, because: rule.reason))
        note(
            "failed calls", Double(record.failures.count), .count,
            ModeTheory.noFailure(
                "slow is not failed; of \(record.calls.count) calls"
                    + (record.failures.first?.failure.map { "; the first: \($0)" } ?? "")))
        report.latencies = [
            LatencyCurve(LatencyCurve.undisturbed, of: before), LatencyCurve("one slow pod", of: after),
        ].compactMap { $0 }
        guard let curve = report.latencies.last else { return report }
        for (name, part) in TrialBench.shown {
            let prediction = LatencyTheory.predict(
                part, beside: report.latencies.undisturbed, slowShare: share, of: curve,
                because: "\(Int(share.rounded())) % of the calls wait 200 ms more")
            note(name, curve.milliseconds(at: part), .milliseconds, prediction)
        }
        return report
    }
}
