import Events
import Instruments
import JSON
import LoadBalancing
import LocalCluster
import System
import Terminal
import Timing

/// One load-balancing mode: how it spreads, how soon it notices, what it loses, what it costs.
struct ModeChapter: DemoChapter {
    private static let requests = 500
    private static let costRequests = 5000

    let mode: Mode

    var name: String { mode.name }
    var summary: String { mode.summary }

    func play(on stage: DemoStage) async throws -> String? {
        var options = UpOptions.underLoad
        options.mode = mode
        // The mode's own: long enough for what finds the pods.
        options.chosenShutdownDelay = nil
        stage.open("Mode \(mode.name), \(options.policy.rawValue)", mode.summary + ".")
        if let missing = mode.missing {
            stage.tell("skipped: \(missing)")
            return nil
        }
        let promise = ModePromise(mode, options)
        var figures = ModeFigures(mode: mode.name, policy: options.policy.rawValue)
        let scene = try await stage.scene(options)
        let old = try await scene.settle().map(\.name)
        let shares = await scene.client.distribution(requests: ModeChapter.requests, concurrency: 10)
        stage.say()
        stage.show(BarChart.lines(shares, pods: old))
        figures.counts = old.map { shares.served[$0] ?? 0 }
        try await measureCost(scene, &figures)

        let load = LoadGenerator(scene.client, on: stage.loop)
        let arrivals = try await grow(scene, old: Set(old), promise, load)
        _ = try await scene.scale(to: 3)
        try await scene.control.restart(Component.grpc.name)
        try await Rollout.waitUntilDone(Component.grpc, scene.control, on: stage.loop) { _ in }
        let record = try await load.stop()
        figures.calls = record.calls.count
        figures.failed = record.failures.count
        stage.tell("\n5 → 10 → 3 pods, all replaced, at \(LoadGenerator.usualRate) calls a second: \(record.summary)")
        var verdicts = [
            Verdict(promise.claim.text, objection: promise.claim.objection(to: shares, pods: old)), record.noneFailed,
        ]
        if let arrivals {
            figures.notice = arrivals.waits(record)
            verdicts.append(arrivals.verdict(record).because(promise.reason))
        } else {
            stage.tell("New pods may stay idle: \(promise.reason).")
        }
        stage.say()
        stage.figures.append(figures)
        return stage.judge(verdicts).map { "\(mode.name): \($0)" }
    }

    /// nil where new pods may never get a call.
    private func grow(
        _ scene: Scene, old: Set<String>, _ promise: ModePromise, _ load: LoadGenerator
    ) async throws -> Arrivals? {
        let ordered = MonotonicClock.now
        let pods = try await scene.scale(to: 10).filter { !old.contains($0.name) }
        guard let limit = promise.noticeLimit else { return nil }
        let entries = pods.compactMap { pod in
            pod.readySince.map { Arrivals.Entry(pod: pod.name, entered: $0) }
        }
        let arrivals = Arrivals(ordered: ordered, from: .readiness, entries: entries, limit: limit)
        try await scene.wait(for: arrivals, load)
        return arrivals
    }

    private func measureCost(_ scene: Scene, _ figures: inout ModeFigures) async throws {
        let before = ProgramTimes(of: try await scene.control.status().pods)
        let calls = ModeChapter.costRequests
        let answer = try await scene.client.get(
            "/go/distribution?requests=\(calls)&concurrency=20", timeout: .seconds(60))
        let after = ProgramTimes(of: try await scene.control.status().pods)
        figures.cpu = after.perCall(since: before, calls: calls)
        figures.median = answer["latencyMilliseconds"]?["p50"]?.double
        figures.p99 = answer["latencyMilliseconds"]?["p99"]?.double
    }
}
