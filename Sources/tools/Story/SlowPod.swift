import Events
import Instruments
import LoadBalancing
import LocalCluster
import System
import Terminal
import Timing

/// What each policy does about one slow pod of five, and about one that fails.
struct SlowPod: DemoChapter {
    let name = "slow-pod"
    let summary = "one pod of five is slow, then one fails: the share that each policy gives it, and p99"

    private static let undisturbed = Duration.seconds(4)
    private static let settling = Duration.seconds(2)
    private static let disturbed = Duration.seconds(8)
    /// Outliers are looked for each 10 s.
    private static let ejection = Duration.seconds(21)

    func play(on stage: DemoStage) async throws -> String? {
        stage.open(
            "One slow pod of five",
            """
            At 200 calls a second, spread by each of the policies in turn, one pod of five is told
            to wait 200 ms before each answer: the pod that is used most. A policy sees that only
            if it looks at what becomes of its calls.
            """)
        var rows: [SlowPodFigures] = []
        for policy in LoadBalancingPolicyName.allCases {
            rows.append(try await measure(policy, on: stage))
            stage.tell("\(rows[rows.count - 1].line)")
        }
        stage.show(SlowPodFigures.table(rows))
        stage.tell(SlowPodFigures.legend)
        stage.tell("The slow pod gets, and no call fails:")
        let slow = stage.judge(rows.map(\.verdict))
        let failing = try await eject(on: stage)
        return slow ?? failing
    }

    private func scene(_ policy: LoadBalancingPolicyName, on stage: DemoStage) async throws -> Scene {
        var options = UpOptions.underLoad
        options.chosenPolicy = policy
        // Nothing but the slow pod is to tell on the times.
        options.maxConnectionAge = nil
        let scene = try await stage.scene(options)
        _ = try await scene.settle()
        return scene
    }

    private func measure(_ policy: LoadBalancingPolicyName, on stage: DemoStage) async throws -> SlowPodFigures {
        let scene = try await scene(policy, on: stage)
        let before = try await load(scene, for: SlowPod.undisturbed, on: stage)
        guard let pod = before.distribution.busiest else {
            throw Failure("no call was answered: \(before.failures.first?.failure ?? "")")
        }
        _ = try await PodTrouble.ask(pod, "delay=200ms&for=2m", scene.control, on: stage.loop)
        // Those policies that learn have seen it then.
        let settling = try await load(scene, for: SlowPod.settling, on: stage)
        let after = try await load(scene, for: SlowPod.disturbed, on: stage)
        _ = try await PodTrouble.ask(pod, "off", scene.control, on: stage.loop)
        return SlowPodFigures(policy: policy, pod: pod, before: before, after: after, wasLost: settling.failures.count)
    }

    /// A pod that fails half of its calls, with the one policy that looks for such, and with the one that does not.
    private func eject(on stage: DemoStage) async throws -> String? {
        stage.open(
            "One pod of five that fails all its calls",
            """
            Slow is not wrong: outlier_detection goes by failures. Every 10 s it looks whether one
            pod fails far more than the others, and gives that one no calls for a while. round_robin
            does not look. (least_request would even prefer it, for it answers at once.)
            """)
        var table = Table(["POLICY", "FAILED IN THE FIRST 21 s", "IN THE 4 s AFTER"])
        var late: [LoadBalancingPolicyName: Int] = [:]
        for policy in [LoadBalancingPolicyName.roundRobin, .outlierDetection] {
            let scene = try await scene(policy, on: stage)
            guard let pod = try await scene.pods().first?.name else { throw Failure("there is no grpc pod") }
            _ = try await PodTrouble.ask(pod, "fail=1&for=2m", scene.control, on: stage.loop)
            let first = try await load(scene, for: SlowPod.ejection, on: stage)
            let then = try await load(scene, for: SlowPod.undisturbed, on: stage)
            _ = try await PodTrouble.ask(pod, "off", scene.control, on: stage.loop)
            late[policy] = then.failures.count
            table.rows.append([policy.rawValue, "\(first.failedShare)", "\(then.failedShare)"])
        }
        stage.show(table)
        return stage.judge([
            Verdict("outlier_detection: no call fails once the pod is ejected", holds: late[.outlierDetection] == 0) {
                "\(late[.outlierDetection] ?? 0) failed"
            },
            Verdict("round_robin: calls go on failing", holds: late[.roundRobin] ?? 0 > 0) { "none failed" },
        ])
    }

    private func load(_ scene: Scene, for time: Duration, on stage: DemoStage) async throws -> LoadRecord {
        let load = LoadGenerator(scene.client, on: stage.loop)
        try await stage.loop.sleep(for: time)
        return try await load.stop()
    }
}
