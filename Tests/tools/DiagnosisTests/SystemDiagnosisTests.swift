import Diagnosis
import Testing

@Suite struct SystemDiagnosisTests {
    @Test func allReadyAndKnownIsNothingToReport() {
        #expect(SystemDiagnosis.findings(system()) == [])
    }

    @Test func aPodThatIsNotReadyIsNamed() {
        let findings = SystemDiagnosis.findings(system { $0.pods[1].isReady = false })
        #expect(findings.map(\.id) == [.podUnready])
        #expect(findings.first?.evidence == ["grpc-2: Running"])
    }

    @Test func aReadyPodThatAGatewayDoesNotKnowIsNamed() {
        let findings = SystemDiagnosis.findings(system { $0.gateways[0].addresses.removeLast() })
        #expect(findings.map(\.id) == [.podUnknown])
        #expect(findings.first?.evidence == ["it knows 2; not grpc-3"])
    }

    @Test func aGatewayThatDoesNotAnswerIsNamed() {
        let findings = SystemDiagnosis.findings(system { $0.silentGateways = ["gateway-2"] })
        #expect(findings.map(\.id) == [.gatewayFails])
        #expect(findings.first?.evidence == ["no answer from gateway-2"])
    }

    @Test func aSystemWithoutAReadyGatewayIsAFault() {
        let findings = SystemDiagnosis.findings(system { $0.gateways = [] })
        #expect(findings.map(\.id) == [.gatewayFails])
        #expect(findings.first?.sentence.hasPrefix("no gateway is ready, so") == true)
    }

    /// It has let go of all addresses, and nothing is wrong.
    @Test func aGatewayThatSleepsIsAskedForNoAddresses() {
        let asleep = system {
            $0.gateways[0].addresses = []
            $0.gateways[0].idleReason = "no call for 30m"
            $0.pods[1].isReady = false
            $0.pods[2].isListed = false
        }
        #expect(asleep.addresses(toldTo: asleep.gateways[0], port: 8080) == ["127.1.1.1:8080"])
        #expect(SystemDiagnosis.findings(asleep).map(\.id) == [.podUnready])
        #expect(
            SystemDiagnosis.facts(asleep).last
                == .init("idle", "gateway-1: no call for 30m; the next call wakes the channel"))
        let awake = system { $0.gateways[0].addresses = [] }
        #expect(awake.addresses(toldTo: awake.gateways[0], port: 8080) == [])
        #expect(SystemDiagnosis.facts(awake).map(\.name) == ["system"])
    }

    /// Whose DNS does not have it yet, the gateway cannot know.
    @Test func aPodThatIsNotInDNSYetIsNoFault() {
        let seen = system {
            $0.gateways[0].addresses.removeLast()
            $0.pods[2].isListed = false
        }
        #expect(SystemDiagnosis.findings(seen) == [])
    }

    /// A virtual address, or a proxy's.
    @Test func aGatewayThatKnowsNoPodByItsAddressMissesNone() {
        #expect(SystemDiagnosis.findings(system { $0.gateways[0].addresses = ["127.1.0.10:8080"] }) == [])
    }
}

func system(_ change: (inout SystemObservation) -> Void = { _ in }) -> SystemObservation {
    let pods = (1...3).map {
        SystemObservation.Pod(
            name: "grpc-\($0)", address: "127.1.1.\($0)", isServer: true, isReady: true, status: "Running",
            isListed: true)
    }
    var seen = SystemObservation(
        mode: "headless", suffix: "", pods: pods,
        gateways: [
            .init(
                name: "gateway-1", target: "dns:///x:8080", policy: "round_robin",
                addresses: pods.map { "\($0.address):8080" })
        ])
    change(&seen)
    return seen
}
