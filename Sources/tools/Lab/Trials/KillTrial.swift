import Events
import Instruments
import System
import Terminal
import Timing

/// `kill -9` of the pod that most calls go to, while slow calls are under way on it.
struct KillTrial: Trial {
    let name = "kill"
    let needs: [TrialDeed] = [.kill]

    private static let heldCalls = 50
    private static let holding = Duration.seconds(4)
    /// What begins in this time must not fail: after the outage, if there may be one.
    private static let afterwards = Duration.seconds(3)

    func duration(_ setup: TrialSetup) -> Duration {
        .seconds(2) + (ModeTheory(setup).outage ?? .zero) + KillTrial.afterwards
    }

    func run(on bench: TrialBench) async throws {
        let pod = try await bench.busiestPod()
        let began = MonotonicClock.now
        let held = HeldCalls(KillTrial.heldCalls, taking: KillTrial.holding, bench.system.entry, on: bench.loop)
        try await waitForHeld(on: bench)
        let counted = MonotonicClock.now
        let serving = try await bench.system.callsUnderWay(on: pod)
        bench.mark("kill -9")
        try await bench.system.kill(pod)
        let end = MonotonicClock.now
        guard end - began < KillTrial.holding else {
            throw Failure("the slow calls had ended before the pod was killed: the machine is too busy")
        }
        try await bench.loop.sleep(for: (bench.theory.outage ?? .zero) + KillTrial.afterwards)
        _ = try await bench.calls(since: counted)
        let slow = try await held.wait()
        let quick = bench.load.record
        let calls = (quick.answers(since: counted).calls + slow.calls)
        let answered = calls.count { $0.pod == pod.name && $0.began <= end && $0.ended >= counted && $0.ended <= end }
        let failures = calls.filter { $0.failure != nil }
        let kill = ModeTheory.Kill(
            serving: serving, answered: answered, quick: quick.underWay(from: counted, to: end))
        bench.note(
            name, "failed calls of those under way", Double(failures.count { $0.began <= end }), .count,
            bench.theory.failures(of: kill))
        noteLater(failures.filter { $0.began > end }, since: end, on: bench)
    }

    private func noteLater(_ failures: [LoadRecord.Call], since end: Instant, on bench: TrialBench) {
        let first = failures.first?.failure.map { "; the first: \($0)" } ?? ""
        let prediction = bench.theory.failuresAfterKill(rate: TrialBench.rate)
        bench.note(
            name, "failed calls that began later", Double(failures.count), .count,
            Prediction(
                expected: prediction.expected, within: prediction.bounds, because: prediction.because + first))
        if let last = bench.theory.lastFailureAfterKill {
            bench.note(
                name, "last call that failed, after the kill", failures.map { ($0.began - end).inSeconds }.max() ?? 0,
                .seconds, last)
        }
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
