import Events
import Instruments
import System
import Timing

/// The system is left alone until each of its connections has reached its age once: connections, look-ups, CPU time,
/// and what calls take when nothing disturbs them.
struct UndisturbedTrial: Trial {
    let name = "undisturbed"
    let needs: [TrialDeed] = []

    /// Connections are counted that often, and the median is taken: one that has reached its age is made anew just then.
    private static let counts = 3
    private static let pause = Duration.milliseconds(300)

    /// From the start of the system: the second connections do not reach their age before 1.8 times it.
    private static func end(_ setup: TrialSetup) -> Duration {
        (setup.connectionAge ?? .seconds(10)) * 11 / 10 + ModeTheory.moment
    }

    func duration(_ setup: TrialSetup) -> Duration { UndisturbedTrial.end(setup) - .seconds(2) }

    func run(on bench: TrialBench) async throws {
        let cpu = try await CPUMeter(bench)
        let queries = try await QueryCounter(bench)
        try await bench.sleep(until: bench.began + UndisturbedTrial.end(bench.theory.setup))
        let calls = try await bench.calls(since: cpu.start)
        try await queries.stop()
        try await cpu.stop()
        try await noteConnections(on: bench)
        try await noteAges(on: bench)
        queries.note()
        bench.note(name, failed: calls, because: "connections end, calls do not")
        let record = LoadRecord(bench.undisturbed.calls + calls.calls)
        bench.undisturbed = record
        if let curve = LatencyCurve(LatencyCurve.undisturbed, of: record) {
            bench.report.latencies.append(curve)
            bench.noteLatency("latency", curve, because: "undisturbed: what others stand beside")
        }
        cpu.note()
    }

    private func noteConnections(on bench: TrialBench) async throws {
        if let obstacle = bench.system.obstacle(to: .countPodConnections) {
            return bench.report.leftOut.append(LeftOut("connections", because: obstacle))
        }
        var (counts, calls): ([Int], Int) = ([], 0)
        while counts.count < UndisturbedTrial.counts {
            try await bench.loop.sleep(for: UndisturbedTrial.pause)
            calls = max(calls, bench.load.outstanding)
            counts.append(try await bench.system.podConnections())
            calls = max(calls, bench.load.outstanding)
        }
        let median = counts.sorted()[counts.count / 2]
        bench.note(
            "connections", "connections of the grpc pods", Double(median), .count,
            bench.theory.podConnections(calls: calls))
    }

    private func noteAges(on bench: TrialBench) async throws {
        let diary = try await bench.readDiary()
        let calls = bench.load.record.calls.count
        let time = MonotonicClock.now - bench.began
        let ages = diary.agesAtEnd
        let theory = bench.theory
        bench.note(
            "connection-age", "connections of the gateway ended by age", Double(ages.count), .count,
            theory.connectionsEnded(in: time))
        if let age = theory.ageAtEnd {
            bench.note("connection-age", "youngest of the connections that ended", ages.min(), .seconds, age)
            bench.note("connection-age", "oldest of the connections that ended", ages.max(), .seconds, age)
        }
        bench.note(
            "queries", "look-ups of the gateway", Double(diary.lookups), .count, theory.lookups(in: time, calls: calls))
    }
}

/// CPU time of each part for a call. It begins at once. Loop thread only.
private final class CPUMeter {
    private let bench: TrialBench
    let start = MonotonicClock.now
    private let before: [String: Duration]?
    /// In microseconds.
    private var costs: [String: Double] = [:]

    init(_ bench: TrialBench) async throws {
        self.bench = bench
        before = bench.system.obstacle(to: .readCPUTimes) == nil ? try await bench.system.cpuTimes() : nil
    }

    /// To read all pods takes seconds where kubectl does it: each pod's two readings are as far apart as their beginnings,
    /// and the answers of that time are what it worked for.
    func stop() async throws {
        guard let before else { return }
        let end = MonotonicClock.now
        let record = bench.load.record
        let calls = record.answers(since: start).calls.count - record.answers(since: end).calls.count
        // The load has nothing to do with js.
        for (part, time) in try await bench.system.cpuTimes() where part != "js-server" {
            costs[part] = (time - (before[part] ?? .zero)).inMilliseconds * 1000 / Double(max(1, calls))
        }
    }

    func note() {
        guard before != nil else {
            let reason = bench.system.obstacle(to: .readCPUTimes) ?? "it was not read"
            return bench.report.leftOut.append(LeftOut("cost", because: reason))
        }
        for (part, cost) in costs.sorted(by: { $0.key < $1.key }) {
            let (name, because) = bench.theory.cost(of: part)
            bench.note(
                "cost", name, cost, .microseconds,
                Prediction(within: 0...(.infinity), because: because, isGated: false))
        }
    }
}
