import LocalCluster
import Testing
import Timing

@Suite struct RolloutProgressTests {
    private func pod(
        ready: Bool = true, status: String = "Running", outdated: Bool = false, listed: Bool = true,
        component: String = "grpc"
    ) -> StatusReport.Pod {
        StatusReport.Pod(
            component: component, name: "a", isReady: ready, status: status, restarts: 0, age: 1,
            address: "127.69.1.1", pid: 1, lastEnd: nil, isOutdated: outdated,
            dns: listed ? .listed(since: Instant(nanoseconds: 1)) : .entering(publication: 1))
    }

    private func progress(_ pods: StatusReport.Pod...) -> RolloutProgress {
        RolloutProgress(
            StatusReport(
                name: "x", mode: "headless", policy: "round_robin", target: "dns:///x", port: 1, dns: "", isReady: true,
                isStopping: false, pods: pods), component: "grpc")
    }

    @Test func itIsDoneWhenAllAreNewAndInDNSAndNoOldOneIsLeft() {
        #expect(progress(pod(), pod()).isDone)
        #expect(!progress(pod(), pod(outdated: true)).isDone)
        #expect(!progress(pod(), pod(listed: false)).isDone)
        #expect(!progress(pod(), pod(ready: false, status: "Terminating", outdated: true, listed: false)).isDone)
    }

    @Test func itCountsThisComponentOnly() {
        let seen = progress(
            pod(), pod(listed: false), pod(outdated: true), pod(outdated: true), pod(ready: false, outdated: true),
            pod(status: "Terminating", outdated: true), pod(component: "gateway"))
        #expect(seen.description == "1 new in DNS, 1 starting, 3 old, 1 ending")
    }
}
