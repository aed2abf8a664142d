import Events
import Instruments
import System
import Timing

/// Half of the pods go.
struct ScaleInTrial: Trial {
    let name = "scale-in"
    let needs: [TrialDeed] = [.scale]

    func duration(_ setup: TrialSetup) -> Duration { ModeTheory(setup).shutdownDelay + .seconds(3) }

    func run(on bench: TrialBench) async throws {
        let count = bench.theory.setup.pods
        let before = try await bench.podsNotEnding().map(\.name)
        let start = MonotonicClock.now
        bench.mark("\(before.count) → \(count)")
        try await bench.system.scale(to: count)
        // Pods that end finish their calls first, and have 75 s for it.
        let left = Set(try await bench.waitForPods(count, within: .seconds(80)).map(\.name))
        let record = try await bench.calls(since: start)
        let gone = before.filter { !left.contains($0) }
        let last = record.calls.filter { call in call.pod.map(gone.contains) ?? false }.map(\.began).max()
        bench.note(
            name, "last call of a leaving pod", max(0, last.map { ($0 - start).inSeconds } ?? 0), .seconds,
            bench.theory.leave)
        bench.note(name, failed: record, because: "a pod leaves first, serves on, and ends after its last call")
    }
}
