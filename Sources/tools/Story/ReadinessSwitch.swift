import Events
import Instruments
import LocalCluster
import System
import Terminal
import Timing

/// A pod that is not ready is left alone, and found again when it is.
struct ReadinessSwitch: DemoChapter {
    let name = "readiness"
    let summary = "one pod is switched to not ready and back: calls leave it and return, none fails"

    /// How long nothing may arrive before that counts as the end.
    private static let quiet = Duration.seconds(2)

    func play(on stage: DemoStage) async throws -> String? {
        stage.open(
            "Readiness off, readiness on",
            """
            A pod that says it is not ready leaves DNS. That alone closes no connection: the
            gateway goes on calling it until it looks again, which the age of its connections
            makes it do. Then it drops the address, and the pod has time for itself.
            """)
        let scene = try await stage.scene(.underLoad)
        guard let limit = scene.noticeLimit, let pod = try await scene.settle().first else { return nil }
        let load = LoadGenerator(scene.client, on: stage.loop)

        let ordered = MonotonicClock.now
        try await PodReadiness.set(false, of: pod.name, scene.control, on: stage.loop)
        let left = try await listing(of: pod.name, scene)
        try await waitForQuiet(pod.name, since: left, limit: limit, load, on: stage.loop)
        let last = load.record.lastAnswer(of: pod.name) ?? left

        let orderedBack = MonotonicClock.now
        try await PodReadiness.set(true, of: pod.name, scene.control, on: stage.loop)
        let back = try await scene.pods().filter { $0.name == pod.name }
        let arrivals = scene.arrivals(of: back, ordered: orderedBack, limit: limit)
        try await scene.wait(for: arrivals, load)
        let record = try await load.stop()

        var table = Table(["SWITCHED", "DNS FOLLOWS AFTER", "CALLS FOLLOW AFTER", "LIMIT"])
        let first = arrivals.entries.first.flatMap { entry in
            record.firstAnswer(of: entry.pod, since: entry.entered).map { $0 - entry.entered }
        }
        table.rows = [
            [
                "off", SecondsText.format(left - ordered), SecondsText.format(last - left), SecondsText.format(limit),
            ],
            [
                "on", arrivals.entries.first.map { SecondsText.format($0.entered - orderedBack) } ?? "never",
                first.map(SecondsText.format) ?? "never", SecondsText.format(limit),
            ],
        ]
        stage.show(table)
        stage.tell("\(LoadGenerator.usualRate) calls a second: \(record.summary)\n")
        return stage.judge([
            record.noneFailed,
            Verdict(
                "off: the last call arrives within \(SecondsText.format(limit)) of leaving DNS",
                holds: last - left <= limit
            ) { "one arrived after \(SecondsText.format(last - left))" },
            arrivals.verdict(record).about("on"),
        ])
    }

    /// When the pod entered DNS or left it.
    private func listing(of pod: String, _ scene: Scene) async throws -> Instant {
        try await scene.pods().first { $0.name == pod }?.dns.since ?? MonotonicClock.now
    }

    /// Until the pod has had no call for a while, or the limit is over.
    private func waitForQuiet(
        _ pod: String, since left: Instant, limit: Duration, _ load: LoadGenerator, on loop: EventLoop
    ) async throws {
        let deadline = left + limit + ReadinessSwitch.quiet
        while MonotonicClock.now < deadline {
            let last = max(load.record.lastAnswer(of: pod) ?? left, left)
            if MonotonicClock.now - last >= ReadinessSwitch.quiet { return }
            try await loop.sleep(for: .milliseconds(50))
        }
    }
}
