import Events
import Instruments
import System
import Timing

/// Every pod is replaced.
struct RestartTrial: Trial {
    let name = "restart"
    let needs: [TrialDeed] = [.restart]

    func duration(_ setup: TrialSetup) -> Duration { ModeTheory(setup).shutdownDelay + .seconds(10) }

    func run(on bench: TrialBench) async throws {
        let count = bench.theory.setup.pods
        let old = Set(try await bench.podsNotEnding().map(\.name))
        var fewest = old.count
        let start = MonotonicClock.now
        bench.mark("restart")
        try await bench.system.restart()
        try await bench.loop.wait(
            .seconds(60) + bench.theory.shutdownDelay * count, for: "the rolling restart", each: TrialBench.pause
        ) {
            let ready = try await bench.podsNotEnding().count { $0.readySince != nil }
            fewest = min(fewest, ready)
            return try await bench.system.isRestarted() ? true : nil
        }
        bench.mark("all new")
        let record = try await bench.calls(since: start)
        let survivors = try await bench.podsNotEnding().count { old.contains($0.name) }
        bench.note(
            name, "old pods left", Double(survivors), .count,
            Prediction(expected: 0, within: 0...0, because: "every pod is replaced"))
        bench.note(
            name, "fewest ready pods", Double(fewest), .count,
            Prediction(
                expected: Double(count), within: Double(count)...Double(2 * count),
                because: "a new pod is ready before an old one goes (maxSurge 1, maxUnavailable 0)"))
        bench.note(name, failed: record, because: "a new pod comes first; an old one leaves, serves on, and then ends")
    }
}
