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
        let counter = QueryCounter(bench)
        let cpu = try await CPUMeter(bench)
        try await counter.begin()
        let start = MonotonicClock.now
        try await bench.sleep(until: bench.began + UndisturbedTrial.end(bench.theory.setup))
        let calls = try await bench.calls(since: start)
        try await counter.end(since: start)
        try await cpu.note(calls: calls.calls.count)
        try await noteConnections(on: bench)
        try await noteAges(on: bench, calls: bench.load.record.calls.count)
        let record = LoadRecord(bench.undisturbed.calls + calls.calls)
        bench.undisturbed = record
        bench.note(name, failed: calls, because: "connections end, calls do not")
        if let curve = LatencyCurve("undisturbed", of: record) {
            bench.report.latencies.append(curve)
            bench.noteLatency("latency", curve, because: "nothing: it is what the others are beside")
        }
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

    private func noteAges(on bench: TrialBench, calls: Int) async throws {
        let diary = try await bench.readDiary()
        let time = MonotonicClock.now - bench.began
        let ages = diary.agesAtEnd
        let theory = bench.theory
        bench.note(
            "connection-age", "connections of the gateway ended by age", Double(ages.count), .count,
            theory.connectionsEnded(in: time))
        if let age = theory.ageAtEnd {
            bench.note("connection-age", "youngest of them", ages.min(), .seconds, age)
            bench.note("connection-age", "oldest of them", ages.max(), .seconds, age)
        }
        bench.note(
            "queries", "look-ups of the gateway", Double(diary.lookups), .count, theory.lookups(in: time, calls: calls))
    }
}

/// Counts the questions that are asked about pods, of a DNS server or registry. Loop thread only.
private final class QueryCounter {
    private let bench: TrialBench
    private var first: Int?

    init(_ bench: TrialBench) { self.bench = bench }

    func begin() async throws {
        if bench.system.obstacle(to: .countQueries) == nil { first = try await bench.system.queries() }
    }

    func end(since start: Instant) async throws {
        guard let first else {
            let reason = bench.system.obstacle(to: .countQueries) ?? "they were not counted"
            return bench.report.leftOut.append(LeftOut("queries", because: reason))
        }
        let time = MonotonicClock.now - start
        let count = try await bench.system.queries() - first
        bench.note(
            "queries", "DNS queries of all in \(Int(time.inSeconds.rounded())) s", Double(count), .count,
            bench.theory.dnsQueries(
                in: time, after: start - bench.began, calls: bench.load.record.calls.count))
    }
}

/// CPU time of each part for a call. Loop thread only.
private struct CPUMeter {
    private let bench: TrialBench
    private let before: [String: Duration]?

    init(_ bench: TrialBench) async throws {
        self.bench = bench
        before = bench.system.obstacle(to: .readCPUTimes) == nil ? try await bench.system.cpuTimes() : nil
    }

    func note(calls: Int) async throws {
        guard let before else {
            let reason = bench.system.obstacle(to: .readCPUTimes) ?? "it was not read"
            return bench.report.leftOut.append(LeftOut("cost", because: reason))
        }
        for (part, time) in try await bench.system.cpuTimes().sorted(by: { $0.key < $1.key }) where part != "js-server"
        {
            let used = time - (before[part] ?? .zero)
            bench.note(
                "cost", part, Double(used.nanoseconds) / 1000 / Double(max(1, calls)), .microseconds,
                Prediction(
                    within: 0...(.infinity), because: "CPU time for a call, of the processor named above",
                    isGated: false))
        }
    }
}
