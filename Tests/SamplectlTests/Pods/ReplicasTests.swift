import Testing
import Timing
import samplectl

@Suite struct ReplicasTests {
    private func pod(_ name: String, ready: Bool = true, wanted: Bool = true, since: Int64 = 0) -> Replicas.Pod {
        Replicas.Pod(name: name, isWanted: wanted, isReady: ready, since: Instant(nanoseconds: since))
    }

    @Test func missingPodsAreCreated() {
        #expect(Replicas.reconcile(desired: 5, pods: []) == [.create(count: 5)])
        #expect(Replicas.reconcile(desired: 2, pods: [pod("a")]) == [.create(count: 1)])
        #expect(Replicas.reconcile(desired: 1, pods: [pod("a")]) == [])
    }

    @Test func aPodThatIsEndingIsReplacedAtOnceAndNotEndedAgain() {
        let pods = [pod("a", wanted: false), pod("b")]
        #expect(Replicas.reconcile(desired: 2, pods: pods) == [.create(count: 1)])
        #expect(Replicas.reconcile(desired: 0, pods: pods) == [.terminate(name: "b")])
    }

    @Test func ofTooManyTheUnreadyAndThenTheYoungestGo() {
        let pods = [pod("old", since: 1), pod("sick", ready: false, since: 2), pod("young", since: 3)]
        #expect(Replicas.reconcile(desired: 2, pods: pods) == [.terminate(name: "sick")])
        #expect(Replicas.reconcile(desired: 1, pods: pods) == [.terminate(name: "sick"), .terminate(name: "young")])
    }
}
