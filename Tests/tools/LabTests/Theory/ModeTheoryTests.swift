import Lab
import LoadBalancing
import LocalCluster
import Testing
import Timing

@Suite struct ModeTheoryTests {
    private func theory(_ mode: Mode, age: Duration? = .seconds(10), policy: LoadBalancingPolicyName? = nil)
        -> ModeTheory
    {
        ModeTheory(
            TrialSetup(mode: mode, policy: policy, connectionAge: age, dnsInterval: .seconds(2), dnsTTL: 5))
    }

    @Test(arguments: [
        (Mode.clusterIP, ModeTheory.Choice.perConnection, 1), (.headless, .inTurn, 5), (.kubernetes, .inTurn, 5),
        (.envoy, .inTurn, 1), (.envoySidecar, .inTurn, 1), (.nginx, .atRandom, 1), (.etcd, .inTurn, 5),
        (.consul, .inTurn, 5),
    ])
    func whoChoosesAndOverHowManyConnections(mode: Mode, choice: ModeTheory.Choice, connections: Int) {
        #expect(theory(mode).choice == choice)
        #expect(theory(mode).gatewayConnections == connections)
    }

    /// 1.1 × 10 s + 2 s + a moment; Envoy asks each second, nginx is told 2 s and takes up to 2 more.
    @Test(arguments: [
        (Mode.headless, 13), (.kubernetes, 0), (.etcd, 0), (.consul, 0), (.envoy, 1), (.envoySidecar, 1), (.nginx, 4),
    ])
    func howLongANewPodMayWait(mode: Mode, seconds: Int) throws {
        let limit = try #require(theory(mode).noticeLimit)
        #expect(limit == .seconds(seconds) + ModeTheory.moment)
        #expect(theory(mode).notice?.bounds.upperBound == limit.inSeconds)
    }

    @Test func behindAVirtualAddressANewPodMayWaitForever() {
        #expect(theory(.clusterIP).noticeLimit == nil && theory(.clusterIP).notice == nil)
        #expect(theory(.clusterIP).podsReached(connections: 2).bounds == 0...2)
    }

    @Test func withoutAConnectionAgeWhoLooksUpAtLossNeverHears() {
        #expect(theory(.headless, age: nil).noticeLimit == nil)
        #expect(theory(.kubernetes, age: nil).noticeLimit == ModeTheory.moment)
    }

    @Test func aCacheDelaysWhoeverAsksDNSAndNobodyElse() throws {
        for (mode, seconds) in [(Mode.headless, 43), (.envoy, 31), (.etcd, 0)] {
            var setup = TrialSetup(mode: mode, connectionAge: .seconds(10), dnsInterval: .seconds(2), dnsTTL: 5)
            setup.dnsCache = .seconds(30)
            #expect(ModeTheory(setup).noticeLimit == .seconds(seconds) + ModeTheory.moment)
        }
    }

    @Test func onePodOfFiveServesAllOrAFifth() {
        #expect(!theory(.headless).busiestShare(calls: 500).bounds.contains(100))
        #expect(theory(.headless).busiestShare(calls: 500).bounds.contains(20.4))
        #expect(!theory(.clusterIP).busiestShare(calls: 500).bounds.contains(99.8))
        #expect(theory(.clusterIP).idlestShare(calls: 500).bounds == 0...0)
        // 110 and 91 of 500 were seen.
        #expect(theory(.nginx).busiestShare(calls: 500).bounds.contains(22))
        #expect(theory(.nginx).idlestShare(calls: 500).bounds.contains(18.2))
        #expect(!theory(.nginx).busiestShare(calls: 500).bounds.contains(30))
    }

    /// What `--policy pick_first` shows in mode headless.
    @Test func anotherPolicyDoesNotChangeWhatTheModePromises() {
        let (own, other) = (theory(.headless), theory(.headless, policy: .pickFirst))
        #expect(other.setup.policy == .pickFirst)
        #expect(own.busiestShare(calls: 500) == other.busiestShare(calls: 500))
    }

    @Test func eachConnectionEndsOnceInTheUndisturbedTime() throws {
        let time = Duration.seconds(13)
        #expect(theory(.headless).connectionsEnded(in: time).bounds == 5...5)
        #expect(theory(.clusterIP).connectionsEnded(in: time).bounds == 1...1)
        #expect(theory(.envoy).connectionsEnded(in: time).bounds == 0...0)
        #expect(theory(.headless, age: nil).connectionsEnded(in: time).bounds == 0...0)
        // A machine that stalls for long: some may have ended twice.
        #expect(theory(.headless).connectionsEnded(in: .seconds(18)).bounds == 5...10)
        let age = try #require(theory(.headless).ageAtEnd)
        #expect(age.bounds.contains(9) && age.bounds.contains(11) && !age.bounds.contains(8.5))
        #expect(theory(.envoy).ageAtEnd == nil)
    }

    @Test func connectionsOfThePodsAreOneForEachOrOneForAll() {
        #expect(theory(.headless).podConnections(calls: 3).bounds == 5...5)
        #expect(theory(.clusterIP).podConnections(calls: 3).bounds == 1...1)
        #expect(theory(.envoy).podConnections(calls: 3).bounds == 5...10)
        #expect(theory(.nginx).podConnections(calls: 3).bounds == 0...5)
        #expect(theory(.nginx).podConnections(calls: 57).bounds == 0...57)
    }

    @Test func onlyWhoLosesConnectionsLooksUpAgain() {
        #expect(theory(.kubernetes).lookups(in: .seconds(13), calls: 3000).bounds == 1...1)
        #expect(theory(.consul).lookups(in: .seconds(13), calls: 3000).bounds == 2...3)
        #expect(theory(.headless, age: nil).lookups(in: .seconds(13), calls: 3000).bounds == 1...1)
        // Five connections end within 2 s and a moment of each other; look-ups are 2 s apart.
        #expect(theory(.headless).lookups(in: .seconds(13), calls: 3000).bounds == 2...4)
        #expect(
            theory(.headless).lookups(in: .seconds(13), calls: 3000).because
                == "once at the start; then when connections end, which 5 do within 0.2 × age + 2s of each other, and 2s apart"
                + " at least: for each age 1 to 3, by how these ends fall")
        #expect(theory(.clusterIP).lookups(in: .seconds(13), calls: 3000).bounds == 2...2)
        // nginx says goodbye after each 1000 calls, Envoy after 30 s.
        #expect(theory(.nginx).lookups(in: .seconds(13), calls: 2600).bounds == 3...3)
        #expect(theory(.nginx).lookups(in: .seconds(13), calls: 3010).bounds == 3...4)
        // It asks each 2 s at most, whatever ends.
        #expect(theory(.nginx).lookups(in: .seconds(13), calls: 9000).bounds == 1...10)
        #expect(theory(.envoy).lookups(in: .seconds(13), calls: 3000).bounds == 1...1)
        #expect(theory(.envoy).lookups(in: .seconds(65), calls: 3000).bounds == 1...3)
        #expect(theory(.envoySidecar).lookups(in: .seconds(13), calls: 3000).bounds == 0...0)
    }

    /// A registry tells at once, Envoy looks each second; who asks only at a loss hears it from the pod, after its 3 s.
    @Test(arguments: [(Mode.etcd, 0.0), (.envoy, 1), (.headless, 3), (.clusterIP, 3), (.nginx, 4)])
    func aLeavingPodHasItsLastCallInTime(mode: Mode, seconds: Double) {
        #expect(theory(mode).leave.bounds == 0...(seconds + ModeTheory.moment.inSeconds))
    }

    @Test func aKillMayCostLaterCallsOnlyWhereTheNextConnectionCanMeetTheDeadPod() {
        #expect(theory(.headless).failuresAfterKill(rate: 200).bounds == 0...0)
        #expect(theory(.envoy).failuresAfterKill(rate: 200).bounds == 0...0)
        #expect(theory(.headless).lastFailureAfterKill == nil)
        // 0.5 s for a probe, 1.2 s of back-off, and a moment.
        #expect(theory(.clusterIP).lastFailureAfterKill?.bounds == 0...3.7)
        #expect(theory(.clusterIP).failuresAfterKill(rate: 200).bounds == 0...740)
    }

    /// Of 10 calls that were counted on the pod, one was answered; 20 quick ones were under way on five pods.
    @Test func onlyCallsOfTheKilledPodMayFail() {
        let kill = ModeTheory.Kill(serving: 10, answered: 1, quick: 20)
        #expect(theory(.headless).failures(of: kill).bounds == 8...16)
        #expect(theory(.nginx).failures(of: kill).bounds == 8...24)
        #expect(theory(.clusterIP).failures(of: kill).bounds == 8...30)
        // However busy the machine is, a kill that costs nothing is none.
        let busy = ModeTheory.Kill(serving: 10, answered: 200, quick: 250)
        #expect(theory(.headless).failures(of: busy).bounds.lowerBound == 1)
        #expect(theory(.headless).failures(of: ModeTheory.Kill(serving: 0, answered: 0, quick: 0)).bounds.contains(0))
    }

    @Test func aConnectionThatBeginsMeanwhileIsAnotherPod() {
        let theory = theory(.clusterIP)
        #expect(theory.busiestShare(calls: 500, connections: 1).bounds == 50...100)
        #expect(theory.idlestShare(calls: 500, connections: 1).bounds == 0...0)
        #expect(theory.fairness(calls: 500, connections: 1).bounds.contains(0.4))
        #expect(!theory.fairness(calls: 500).bounds.contains(0.4))
        #expect(theory.idlestShare(calls: 500, connections: 4).bounds == 0...20)
        #expect(self.theory(.headless).busiestShare(calls: 500, connections: 5).bounds == 20...23)
    }
}
