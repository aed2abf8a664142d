import JSON
import Lab
import Testing
import Timing

/// Pods of a cluster, and since when they are ready.
@Suite struct ClusterPodsTests {
    private let now = Instant(nanoseconds: 1_000_000_000_000)
    /// 2026-11-22T09:00:10.500Z
    private let wall: Int64 = 1_795_338_010_500_000_000

    private func list(_ status: String, since: String? = nil, ending: Bool = false) -> JSONValue {
        let condition: JSONValue = [
            "type": "Ready", "status": .string(status), "lastTransitionTime": since.map { .string($0) } ?? .null,
        ]
        return [
            "items": [
                [
                    "metadata": ["name": "a", "deletionTimestamp": ending ? "2026-11-22T09:00:00Z" : .null],
                    "status": [
                        "podIP": "10.0.0.1", "conditions": [["type": "Initialized", "status": "True"], condition],
                        "containerStatuses": [["restartCount": 2], ["restartCount": 1]],
                    ],
                ]
            ]
        ]
    }

    @Test func `a pod is ready since its condition says so, by this machine's clock`() {
        var pods = ClusterPods()
        let pod = pods.read(list("True", since: "2026-11-22T09:00:08Z"), at: now, wall: wall).first
        #expect(pod?.readySince == now + .milliseconds(-2500))
        #expect(pod?.address == "10.0.0.1:8080" && pod?.isEnding == false)
    }

    @Test func `a cluster whose clock is ahead says nothing that was not seen`() {
        var pods = ClusterPods()
        #expect(pods.read(list("True", since: "2026-11-22T09:00:30Z"), at: now, wall: wall).first?.readySince == now)
        let later = pods.read(
            list("True", since: "2026-11-22T09:00:30Z"), at: now + .seconds(5), wall: wall + 5_000_000_000)
        #expect(later.first?.readySince == now, "the first time that it was seen")
    }

    @Test func `one that is not ready has no such time, and begins anew`() {
        var pods = ClusterPods()
        _ = pods.read(list("True"), at: now, wall: wall)
        #expect(pods.read(list("False", since: "2026-11-22T09:00:08Z"), at: now, wall: wall).first?.readySince == nil)
        let again = now + .seconds(9)
        #expect(pods.read(list("True"), at: again, wall: wall).first?.readySince == again)
        #expect(pods.read(list("Unknown", ending: true), at: now, wall: wall).first?.isEnding == true)
    }

    @Test(arguments: ["Failed", "Succeeded"])
    func `a pod that was evicted or is done is none of them`(phase: String) {
        var pods = ClusterPods()
        let gone: JSONValue = ["items": [["metadata": ["name": "a"], "status": ["phase": .string(phase)]]]]
        #expect(pods.read(gone, at: now, wall: wall).isEmpty)
    }

    @Test func `an answer that is none has no pods`() {
        var pods = ClusterPods()
        #expect(pods.read(.null, at: now, wall: wall).isEmpty)
        #expect(pods.read(["items": [["metadata": [:]], 3]], at: now, wall: wall).isEmpty)
    }

    @Test func `a rollout is over when its pods are all there are`() {
        func deployment(_ observed: Int64, _ counts: [Int64]) -> JSONValue {
            [
                "metadata": ["generation": 4], "spec": ["replicas": 5],
                "status": [
                    "observedGeneration": .number(.integer(observed)), "replicas": .number(.integer(counts[0])),
                    "updatedReplicas": .number(.integer(counts[1])), "availableReplicas": .number(.integer(counts[2])),
                ],
            ]
        }
        #expect(ClusterPods.isRolledOut(deployment(4, [5, 5, 5]), pods: 5))
        #expect(!ClusterPods.isRolledOut(deployment(3, [5, 5, 5]), pods: 5), "not seen yet")
        #expect(!ClusterPods.isRolledOut(deployment(4, [6, 5, 5]), pods: 5))
        #expect(!ClusterPods.isRolledOut(deployment(4, [5, 4, 5]), pods: 5))
        #expect(!ClusterPods.isRolledOut(deployment(4, [5, 5, 4]), pods: 5))
        #expect(!ClusterPods.isRolledOut(deployment(4, [5, 5, 5]), pods: 6), "an old one is ending")
        #expect(!ClusterPods.isRolledOut(.null, pods: 0))
    }

    @Test func `processor time is read from a pod's figures`() {
        #expect(PodCPU.used("# TYPE x\nprocess_cpu_seconds_total 1.25\nother 3\n") == .milliseconds(1250))
        #expect(PodCPU.used("process_cpu_seconds_total NaN\n") == nil && PodCPU.used("") == nil)
    }
}
