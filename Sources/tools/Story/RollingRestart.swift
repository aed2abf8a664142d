import Events
import Instruments
import LocalCluster
import System
import Terminal
import Timing

/// A rollout, which nobody notices.
struct RollingRestart: DemoChapter {
    let name = "restart"
    let summary = "every pod is replaced under load: no call fails, never fewer pods than wanted"

    func play(on stage: DemoStage) async throws -> String? {
        stage.open(
            "Rolling restart",
            """
            A new pod comes first; when it is ready and in DNS, an old one leaves DNS, serves on
            for 3 s, and ends; and so on, until all are new.

            """)
        let scene = try await stage.scene(.underLoad)
        guard let limit = scene.noticeLimit else { return nil }
        let old = Set(try await scene.settle().map(\.name))
        let load = LoadGenerator(scene.client, on: stage.loop)
        let ordered = MonotonicClock.now
        var fewest = old.count
        try await scene.control.restart(Component.grpc.name)
        try await Rollout.waitUntilDone(Component.grpc, scene.control, on: stage.loop) { report in
            let available = report.pods.count { $0.component == Component.grpc.name && $0.isAvailable }
            fewest = min(fewest, available)
        } say: {
            stage.tell("\(SecondsText.format(MonotonicClock.now - ordered))\($0)")
        }
        let pods = try await scene.pods()
        let arrivals = scene.arrivals(of: pods, ordered: ordered, limit: limit)
        try await scene.wait(for: arrivals, load)
        let record = try await load.stop()
        stage.show(arrivals.table(record))
        stage.tell("\(LoadGenerator.usualRate) calls a second: \(record.summary)\n")
        let survivor = pods.first { old.contains($0.name) }
        return stage.judge([
            record.noneFailed,
            Verdict("every pod is a new one", objection: survivor.map { "\($0.name) is still there" }),
            Verdict("at any time at least \(old.count) pods are ready", holds: fewest >= old.count) {
                "there were only \(fewest)"
            },
            arrivals.verdict(record),
        ])
    }
}
