import Events
import Instruments
import LoadBalancing
import System
import Terminal
import Timing

/// The pod that most calls go to waits 200 ms before each answer.
struct SlowPodTrial: Trial {
    /// As in Buoyant's public benchmark of June 2026.
    static let delay = Duration.milliseconds(200)
    /// Those who learn have seen it then.
    static let settling = Duration.milliseconds(1500)
    static let time = Duration.seconds(6)

    let name = "slow-pod"
    let needs: [TrialDeed] = [.delay]

    func duration(_ setup: TrialSetup) -> Duration { SlowPodTrial.settling + SlowPodTrial.time + .seconds(1) }

    func run(on bench: TrialBench) async throws {
        let pod = try await bench.busiestPod()
        let connections = try await bench.readDiary().count("connected")
        bench.mark("one pod is slow")
        let begin = MonotonicClock.now
        try await bench.system.delay(pod, by: SlowPodTrial.delay)
        try await bench.loop.sleep(for: SlowPodTrial.settling)
        let start = MonotonicClock.now
        try await bench.loop.sleep(for: SlowPodTrial.time)
        let record = try await bench.calls(since: start)
        try await bench.system.delay(pod, by: nil)
        bench.mark("all are quick")
        let made = try await bench.readDiary().count("connected") - connections
        let shares = record.distribution
        let share = 100 * Double(shares.served[pod.name] ?? 0) / Double(max(1, shares.total))
        if let prediction = bench.theory.slowPodShare(calls: shares.total) {
            bench.note(name, "slow pod's share", share, .percent, prediction)
        } else {
            let all = bench.load.record.due(from: begin, to: MonotonicClock.now).distribution.served.count
            bench.note(name, "pods with calls", Double(all), .count, bench.theory.podsServing(connections: made))
        }
        bench.note(name, failed: record, because: "slow is not failed")
        if let curve = LatencyCurve("one slow pod", of: record) {
            bench.report.latencies.append(curve)
            bench.noteLatency(
                name, curve, beside: bench.report.latencies.first, share: share,
                because: "\(Int(share.rounded())) % of the calls wait 200 ms more")
        }
    }
}
