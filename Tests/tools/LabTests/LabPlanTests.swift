import Lab
import LoadBalancing
import LocalCluster
import Testing
import Timing

@Suite struct LabPlanTests {
    private func total(_ plan: LabPlan) -> Duration { plan.steps.reduce(.zero) { $0 + $1.about } }

    /// A promise of the README: twenty minutes, and five with --quick.
    @Test func allModesAreMeasuredInTime() {
        #expect(total(LabPlan()) < .seconds(20 * 60))
        #expect(total(LabPlan(isQuick: true)) < .seconds(5 * 60))
    }

    @Test func eachModeHasItsStepsAndTheirNumbersAreThoseOfTheRun() {
        let plan = LabPlan(modes: [.headless, .etcd], isQuick: true)
        #expect(plan.steps.map(\.mode) == Array(repeating: "headless", count: 5) + Array(repeating: "etcd", count: 5))
        #expect(plan.steps.prefix(5).map(\.trial) == ["start", "spread", "scale-out", "scale-in", "kill"])
    }

    @Test func policiesAreTriedInAFullRunThatLeavesThemOpen() {
        #expect(LabPlan().policies == LoadBalancingPolicyName.allCases)
        #expect(LabPlan(isQuick: true).policies.isEmpty)
        #expect(LabPlan(policy: .pickFirst).policies.isEmpty)
        #expect(LabPlan(modes: [.clusterIP]).policies.isEmpty)
    }

    @Test func aChosenPolicyIsASetting() {
        #expect(LabPlan(policy: .pickFirst).settings.contains(LabReport.Setting("--policy", "pick_first")))
    }

    /// Calls of the first 2.5 s are counted before any connection ends.
    @Test(arguments: [true, false]) func connectionsOutliveTheFirstCalls(isQuick: Bool) throws {
        let age = try #require(LabPlan(isQuick: isQuick).setup(.headless).connectionAge)
        #expect(age * 9 / 10 > .milliseconds(3500))
    }

    /// With the chart's age of 30 s, 15 s would show nothing.
    @Test func theLongCallIsLongerThanAConnectionLives() throws {
        func shorter(_ age: Duration?) -> Duration {
            let setup = TrialSetup(mode: .kubernetes, connectionAge: age, dnsInterval: .seconds(2), dnsTTL: 5)
            return Trials.all.first { $0.name == "scale-out" }?.duration(setup) ?? .zero
        }
        #expect(shorter(.seconds(10)) == .seconds(17))
        #expect(shorter(.seconds(30)) == .seconds(39))
        // A call may take a minute: there is none then, and the trial is as short as without.
        #expect(shorter(.seconds(60)) < .seconds(10) && shorter(nil) < .seconds(10))
    }
}
