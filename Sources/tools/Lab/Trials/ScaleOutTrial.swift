import Events
import Instruments
import System
import Timing

/// Twice as many pods, while a long call and a long stream are under way: when has each new pod its first call?
struct ScaleOutTrial: Trial {
    let name = "scale-out"
    let needs: [TrialDeed] = [.scale]

    let hasLongCalls: Bool

    func duration(_ setup: TrialSetup) -> Duration {
        max(
            hasLongCalls ? LongCalls.duration(setup) ?? .zero : .zero,
            (ModeTheory(setup).noticeLimit ?? .seconds(6)) * 3 / 4) + .seconds(2)
    }

    func run(on bench: TrialBench) async throws {
        let setup = bench.theory.setup
        let long = hasLongCalls ? LongCalls.begin(on: bench) : nil
        let old = Set(try await bench.podsNotEnding().map(\.name))
        let connections = try await bench.readDiary().count("connected")
        let start = MonotonicClock.now
        bench.mark("\(old.count) → \(2 * setup.pods)")
        try await bench.system.scale(to: 2 * setup.pods)
        let pods = try await bench.waitForPods(2 * setup.pods, within: .seconds(30))
        let new = pods.filter { !old.contains($0.name) }
        let last = new.compactMap(\.readySince).max() ?? start
        // One that is too late is seen, and by how much.
        let deadline = last + (bench.theory.noticeLimit.map { $0 + .seconds(3) } ?? .seconds(5))
        var waits: [Duration?] = []
        while true {
            waits = new.map { pod in
                pod.readySince.flatMap { ready in
                    bench.load.record.firstAnswer(of: pod.name, since: ready).map { $0 - ready }
                }
            }
            if waits.allSatisfy({ $0 != nil }) || MonotonicClock.now > deadline { break }
            try await bench.loop.sleep(for: .milliseconds(50))
        }
        try await long?.finish(on: bench)
        let record = try await bench.calls(since: start)
        let made = try await bench.readDiary().count("connected") - connections
        bench.report.noticeSeconds = waits.map { $0?.inSeconds }

        let slowest = waits.contains(nil) ? nil : waits.compactMap { $0 }.max()
        let reached = Double(waits.count { $0 != nil })
        if let notice = bench.theory.notice {
            bench.note(name, "first call of the slowest new pod", slowest?.inSeconds, .seconds, notice)
            bench.note(
                name, "new pods with calls", reached, .count,
                Prediction(
                    expected: Double(setup.pods), within: Double(setup.pods)...Double(setup.pods),
                    because: "whoever chooses hears of all of them"))
        } else {
            bench.note(name, "new pods with calls", reached, .count, bench.theory.podsReached(connections: made))
        }
        bench.note(name, failed: record, because: "new pods get calls when they are ready")
    }
}
