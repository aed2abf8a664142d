import Events
import Instruments
import System
import Timing

/// Who gets the first 500 calls. On this machine connections have just begun, and none ends meanwhile.
struct SpreadTrial: Trial {
    static let calls = 500

    let name = "spread"
    let needs: [TrialDeed] = []

    func duration(_ setup: TrialSetup) -> Duration { .seconds(3) }

    func run(on bench: TrialBench) async throws {
        let connections = try await bench.readDiary().count("connected")
        let pods = try await bench.podsNotEnding().map(\.name)
        let time = Duration.seconds(SpreadTrial.calls) / TrialBench.rate
        try await bench.sleep(until: bench.began + time)
        let record = try await bench.calls(since: bench.began)
        // In the order of their turns: the generator may have made some more.
        let first = LoadRecord(record.calls.sorted { $0.due < $1.due }.prefix(SpreadTrial.calls))
        let served = first.distribution.served
        let shares = Shares(pods.map { served[$0] ?? 0 })
        let made = try await bench.readDiary().count("connected") - connections
        let (theory, calls) = (bench.theory, shares.total)
        bench.note(
            name, "busiest pod's share", shares.busiest, .percent, theory.busiestShare(calls: calls, connections: made))
        bench.note(
            name, "idlest pod's share", shares.idlest, .percent, theory.idlestShare(calls: calls, connections: made))
        bench.note(name, "fairness", shares.fairness, .ratio, theory.fairness(calls: calls, connections: made))
        bench.note(name, failed: first, because: "nothing happens")
        bench.undisturbed = record
    }
}
