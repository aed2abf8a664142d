import Events
import Instruments
import LocalCluster
import System
import Terminal
import Timing

/// A crash costs the calls that the pod had, and no others.
struct KilledPod: DemoChapter {
    let name = "kill"
    let summary = "kill -9 of a pod under load: only calls that it was serving fail, and it comes back"

    private static let heldCalls = 50
    private static let holding = Duration.seconds(3)
    private static let recovery = Duration.seconds(1)

    func play(on stage: DemoStage) async throws -> String? {
        stage.open(
            "kill -9",
            """
            Besides the quick calls, 50 slow ones are spread over the pods when one of them is
            killed. Nobody can save what it was serving: it may have been done or not, and
            nothing is sent twice that could be done twice. But nothing else may fail.
            """)
        let scene = try await stage.scene(.underLoad)
        guard let limit = scene.noticeLimit, let pod = try await scene.settle().first else { return nil }
        let load = LoadGenerator(scene.client, on: stage.loop)
        let held = HeldCalls(KilledPod.heldCalls, taking: KilledPod.holding, scene.client, on: stage.loop)
        let serving = try await waitForHeld(on: pod, scene)

        let start = MonotonicClock.now
        let end = try await kill(pod, scene)
        let back = try await scene.wait(limit, for: "\(pod.name) in DNS again") {
            try await scene.pods().first {
                $0.name == pod.name && $0.isAvailable && $0.dns.since ?? start > end && $0.restarts > pod.restarts
            }
        }
        let arrivals = scene.arrivals(of: [back], ordered: end, limit: limit)
        try await scene.wait(for: arrivals, load)
        let slow = try await held.wait()
        let record = try await load.stop()

        let quick = record.underWay(from: start, to: end)
        let failures = (record.failures + slow.failures).sorted { $0.ended < $1.ended }
        var table = Table(["CALLS", "IN FLIGHT ON THE POD", "FAILED"])
        table.rows = [
            ["slow", "\(serving), as the gateway counted just before", "\(slow.failures.count)"],
            ["quick", "at most \(quick), under way somewhere in that moment", "\(record.failures.count)"],
        ]
        stage.show(table)
        let first = record.firstAnswer(of: pod.name, since: end).map { SecondsText.format($0 - end) } ?? "never"
        stage.tell(
            "Afterwards the pod is in DNS again after \(SecondsText.format((back.dns.since ?? end) - end)), called after \(first)."
        )
        stage.tell("\(LoadGenerator.usualRate) calls a second: \(record.summary)\n")
        let late = failures.last.map { $0.ended - end } ?? .zero
        let began = failures.count { $0.began > end }
        return stage.judge([
            Verdict("no more calls fail than were in flight on the pod", holds: failures.count <= serving + quick) {
                "\(failures.count) failed: \(failures.first?.failure ?? "")"
            },
            Verdict("every call that began after the kill is answered", holds: began == 0) { "\(began) failed" },
            Verdict(
                "the last failure is within \(SecondsText.format(KilledPod.recovery)) of the kill",
                holds: late <= KilledPod.recovery
            ) { "one came after \(SecondsText.format(late))" },
            arrivals.verdict(record).about("the process starts again"),
        ])
    }

    /// The number of calls in flight on the pod when its share of the slow ones has arrived there.
    private func waitForHeld(on pod: StatusReport.Pod, _ scene: Scene) async throws -> Int {
        let share = KilledPod.heldCalls / scene.options.replicas
        return try await scene.wait(.seconds(2), for: "\(share) slow calls on \(pod.name)") {
            let inFlight = try await scene.client.channel().inFlight["\(pod.address):\(Component.servicePort)"] ?? 0
            return inFlight >= share ? inFlight : nil
        }
    }

    /// Returns when the process has ended: until then the pod can take calls.
    private func kill(_ pod: StatusReport.Pod, _ scene: Scene) async throws -> Instant {
        guard let process = pod.pid.flatMap(Int32.init(exactly:)).flatMap(ProcessTable.identity) else {
            throw Failure("\(pod.name) has no process")
        }
        _ = try await scene.control.kill(pod.name)
        while ProcessTable.isRunning(process) { try await scene.loop.sleep(for: .milliseconds(1)) }
        return MonotonicClock.now
    }
}
