import Events
import Instruments
import System
import Timing

/// `kill -9` of the pod that most calls go to, while slow calls are under way on it.
struct KillTrial: Trial {
    let name = "kill"
    let needs: [TrialDeed] = [.kill]

    private static let heldCalls = 50
    private static let holding = Duration.seconds(4)
    /// What begins in this time must not fail.
    private static let afterwards = Duration.seconds(3)

    func duration(_ setup: TrialSetup) -> Duration { .seconds(5) }

    func run(on bench: TrialBench) async throws {
        let pod = try await bench.busiestPod()
        let held = HeldCalls(KillTrial.heldCalls, taking: KillTrial.holding, bench.system.entry, on: bench.loop)
        try await waitForHeld(on: bench)
        let serving = try await bench.system.callsUnderWay(on: pod)
        let start = MonotonicClock.now
        bench.mark("kill -9")
        try await bench.system.kill(pod)
        let end = MonotonicClock.now
        try await bench.loop.sleep(for: KillTrial.afterwards)
        _ = try await bench.calls(since: start)
        let slow = try await held.wait()
        let all = bench.load.record
        let failures = all.failures.filter { $0.ended >= start } + slow.failures
        let during = failures.filter { $0.began <= end }
        let later = failures.filter { $0.began > end }
        let quick = all.underWay(from: start, to: end)
        bench.note(
            name, "failed calls of those under way", Double(during.count), .count,
            Prediction(
                expected: Double(serving),
                within: Double(max(0, serving - quick))...Double(serving + quick),
                because: "\(serving) were under way on the pod just before, give or take \(quick) quick ones"
                    + " somewhere"))
        let first = later.first?.failure.map { "; the first: \($0)" } ?? ""
        let prediction = bench.theory.failuresAfterKill(rate: TrialBench.rate)
        bench.note(
            name, "failed calls that began later", Double(later.count), .count,
            Prediction(
                expected: prediction.expected, within: prediction.bounds, because: prediction.because + first))
    }

    /// Until the slow calls are on the pods, whichever these are.
    private func waitForHeld(on bench: TrialBench) async throws {
        let pods = try await bench.podsNotEnding()
        try await bench.loop.wait(KillTrial.holding / 2, for: "\(KillTrial.heldCalls) slow calls on the pods") {
            var count = 0
            for pod in pods { count += try await bench.system.callsUnderWay(on: pod) }
            return count >= KillTrial.heldCalls ? true : nil
        }
    }
}
