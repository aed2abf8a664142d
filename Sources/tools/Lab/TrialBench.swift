package import Events
package import Instruments
import LoadBalancing
import LocalCluster
import System
import Terminal
package import Timing

/// What the trials of a mode have in common: the system, the load that is on it from the first trial to the last, and the
/// report that they fill. Loop thread only.
package final class TrialBench {
    /// Calls a second, in all trials.
    package static let rate = LoadGenerator.usualRate

    /// Between two looks at all pods: the machine has the load to carry, too.
    package static let pause = Duration.milliseconds(100)

    package let system: any TrialSystem
    package let theory: ModeTheory
    package let loop: EventLoop
    package let load: LoadGenerator
    package let began: Instant
    package private(set) var diary = ChannelDiary()
    package private(set) var marks: [(text: String, at: Instant)] = []
    package var report: ModeReport
    /// The calls that nothing disturbed.
    package var undisturbed = LoadRecord()

    /// The load begins at once.
    package init(_ system: any TrialSystem, on loop: EventLoop) {
        self.system = system
        self.loop = loop
        theory = ModeTheory(system.setup)
        report = ModeReport(mode: system.setup.mode.name, policy: system.setup.policy.rawValue)
        report.summary = system.setup.mode.summary
        began = MonotonicClock.now
        load = LoadGenerator(system.entry, rate: TrialBench.rate, on: loop)
    }

    /// What the gateway's channel did before is not of these trials.
    package func begin() async throws {
        guard theory.setup.isOlder else { return }
        try await readDiary()
        diary.forget()
    }

    package func mark(_ text: String) { marks.append((text, MonotonicClock.now)) }

    package func note(
        _ trial: String, _ name: String, _ value: Double?, _ unit: Figure.Unit, _ prediction: Prediction
    ) {
        report.figures.append(Figure(trial: trial, name: name, of: report.mode, value: value, unit, prediction))
    }

    package func note(_ trial: String, failed record: LoadRecord, because: String) {
        let first = record.failures.first?.failure.map { "; the first: \($0)" } ?? ""
        note(
            trial, "failed calls", Double(record.failures.count), .count,
            ModeTheory.noFailure("\(because); of \(record.calls.count) calls\(first)"))
    }

    /// What the gateway's channel has to tell by now.
    @discardableResult
    package func readDiary() async throws -> ChannelDiary {
        diary.read(try await system.entry.get("/go/channel"))
        return diary
    }

    /// The calls whose turn was since `start`, when all have ended whose turn was until now.
    package func calls(since start: Instant) async throws -> LoadRecord {
        let end = MonotonicClock.now
        try await loop.wait(.seconds(15), for: "the answers to all calls") { load.isDone(until: end) ? true : nil }
        return load.record.due(from: start, to: end)
    }

    package func sleep(until time: Instant) async throws {
        let left = time - MonotonicClock.now
        if left > .zero { try await loop.sleep(for: left) }
    }

    package func podsNotEnding() async throws -> [TrialPod] { try await system.pods().filter { !$0.isEnding } }

    /// Returns the grpc pods when there are `count`, all ready, and no others.
    package func waitForPods(_ count: Int, within limit: Duration) async throws -> [TrialPod] {
        try await loop.wait(limit, for: "\(count) grpc pods that are ready, and no others", each: TrialBench.pause) {
            let pods = try await system.pods()
            return pods.count == count && pods.allSatisfy { $0.readySince != nil && !$0.isEnding } ? pods : nil
        }
    }

    /// The pod that most calls go to now.
    package func busiestPod() async throws -> TrialPod {
        try await loop.wait(.seconds(5), for: "an answer of one of the pods in the last second") {
            let pods = try await podsNotEnding()
            let served = load.record.answers(since: MonotonicClock.now + .seconds(-1)).distribution.served
            // One that has just ended may have answered, too.
            return pods.filter { served[$0.name] != nil }.max { served[$0.name] ?? 0 < served[$1.name] ?? 0 }
        }
    }
}
