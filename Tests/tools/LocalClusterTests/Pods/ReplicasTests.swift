import Bytes
import LocalCluster
import Testing
import Timing

@Suite struct ReplicasTests {
    private func pod(
        _ name: String, available: Bool = true, wanted: Bool = true, outdated: Bool = false, since: Int64 = 0
    ) -> Replicas.Pod {
        Replicas.Pod(
            name: name, isWanted: wanted, isAvailable: available, isOutdated: outdated,
            since: Instant(nanoseconds: since))
    }

    private func old(_ name: String, available: Bool = true) -> Replicas.Pod {
        pod(name, available: available, outdated: true)
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

    @Test func ofTooManyTheUnavailableAndThenTheYoungestGo() {
        let pods = [pod("old", since: 1), pod("sick", available: false, since: 2), pod("young", since: 3)]
        #expect(Replicas.reconcile(desired: 2, pods: pods) == [.terminate(name: "sick")])
        #expect(Replicas.reconcile(desired: 1, pods: pods) == [.terminate(name: "sick"), .terminate(name: "young")])
    }

    @Test func oneMoreComesBeforeAnOldOneGoes() {
        let olds = [old("a"), old("b")]
        #expect(Replicas.reconcile(desired: 2, pods: olds) == [.create(count: 1)])
        #expect(Replicas.reconcile(desired: 2, pods: olds + [pod("n", available: false)]) == [])
        #expect(Replicas.reconcile(desired: 2, pods: olds + [pod("n")]) == [.terminate(name: "a")])
    }

    @Test func anOldOneThatServesNobodyGoesFirst() {
        let pods = [old("a"), old("sick", available: false), pod("n")]
        #expect(Replicas.reconcile(desired: 2, pods: pods) == [.terminate(name: "sick")])
    }

    @Test func theLastOldOneGoesWithoutANewOneInItsPlace() {
        #expect(Replicas.reconcile(desired: 1, pods: [old("a"), pod("n")]) == [.terminate(name: "a")])
        #expect(Replicas.reconcile(desired: 0, pods: [old("a")]) == [.terminate(name: "a")])
    }

    @Test func aSmallerNumberInTheMiddleOfARestartTakesTheOldOnes() {
        let pods = [old("a"), old("b"), old("c"), pod("n", available: false)]
        let actions = Replicas.reconcile(desired: 1, pods: pods)
        #expect(actions == [.terminate(name: "a"), .terminate(name: "b")])
    }

    /// Whatever becomes ready, not ready, or crashes in whatever order: a rollout never takes a pod below the number
    /// that is wanted, never makes more than one too many, and comes to its end.
    @Test(arguments: 0..<200)
    func aRolloutKeepsItsPromises(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let desired = Int.random(in: 1...6, using: &random)
        var pods = (0..<desired).map { old("o\($0)") }
        var made = 0
        for step in 0..<500 {
            let before = pods.count { $0.isWanted && $0.isAvailable }
            for action in Replicas.reconcile(desired: desired, pods: pods) {
                switch action {
                case .create(let count):
                    for _ in 0..<count {
                        made += 1
                        pods.append(pod("n\(made)", available: false, since: Int64(step)))
                    }
                case .terminate(let name):
                    pods = pods.map { $0.name == name ? changed($0, wanted: false) : $0 }
                }
            }
            let after = pods.count { $0.isWanted && $0.isAvailable }
            #expect(after >= min(before, desired))
            #expect(pods.count(where: \.isWanted) <= desired + 1)
            if pods.allSatisfy({ !$0.isOutdated && $0.isAvailable }) { break }
            guard let index = pods.indices.randomElement(using: &random) else { continue }
            if !pods[index].isWanted {
                pods.remove(at: index)
            } else {
                // Three times out of four a change is for the better, else this would take for ever.
                pods[index] = changed(pods[index], available: Int.random(in: 0..<4, using: &random) > 0)
            }
        }
        #expect(pods.count == desired && pods.allSatisfy { !$0.isOutdated })
        #expect(made == desired)
    }

    private func changed(_ pod: Replicas.Pod, available: Bool? = nil, wanted: Bool? = nil) -> Replicas.Pod {
        Replicas.Pod(
            name: pod.name, isWanted: wanted ?? pod.isWanted,
            isAvailable: (available ?? pod.isAvailable) && wanted != false, isOutdated: pod.isOutdated, since: pod.since
        )
    }
}
