import Diagnosis
import JSON
import System
import Testing

/// A recording, after each of `changes` in its text; a change that finds nothing is a mistake of the test.
func cluster(_ name: String, _ changes: [(String, String)] = []) throws -> ClusterObservation {
    let folder = "\(#filePath)".split(separator: "/").dropLast(2).joined(separator: "/")
    var text = String(decoding: try FileSystem.read("/\(folder)/Recordings/kubernetes/\(name).json"), as: UTF8.self)
    for (old, new) in changes {
        try #require(text.contains(old), "\(old)")
        text = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
    return try #require(ClusterObservation(try JSONParser.parse(Array(text.utf8))))
}

private let grpc = "Deployment default/sample-service-grpc"
private let gateway = "Deployment default/sample-service-gateway"
private let headlessTarget = #""value":"dns:///sample-service-grpc-headless:8080""#
private let container = "spec.template.spec.containers"
private let grpcPeer =
    #"{"podSelector":{"matchLabels":{"app.kubernetes.io/component":"grpc","app.kubernetes.io/instance":"sample-service","#
    + #""app.kubernetes.io/name":"sample-service"}}}"#
private let gatewayPeer = grpcPeer.split(separator: "grpc").joined(separator: "gateway")

struct ClusterCase: Sendable {
    var recording = "healthy"
    var changes: [(String, String)] = []
    var target: String?
    let expected: [FindingID]
    let object: String
    let field: String
    /// In the first finding's evidence.
    var words = ""
}

let clusterCases: [ClusterCase] = [
    ClusterCase(
        recording: "selector-matches-nothing", expected: [.selectsNothing],
        object: "Service default/sample-service-grpc-headless", field: "spec.selector",
        words: "app.kubernetes.io/component is grcp in the selector and is grpc in \(grpc)"),
    ClusterCase(
        recording: "wrong-target-port", expected: [.targetPortUndeclared],
        object: "Service default/sample-service-grpc", field: "spec.ports[grpc].targetPort",
        words: "the pods' ports are admin (9090), grpc (8080)"),
    ClusterCase(
        recording: "target-port-name-unknown", expected: [.targetPortUnknown],
        object: "Service default/sample-service-grpc", field: "spec.ports[grpc].targetPort"),
    ClusterCase(
        recording: "readiness-fails", expected: [.readinessFails], object: grpc,
        field: "\(container)[grpc].readinessProbe", words: "5 of 5 pods not ready"),
    ClusterCase(
        recording: "image-missing", expected: [.imageMissing], object: grpc, field: "\(container)[grpc].image",
        words: "ErrImagePull"),
    ClusterCase(
        recording: "crash-loop", expected: [.crashes], object: grpc, field: "\(container)[grpc].env",
        words: "3 restarts, the last run ended with status 64"),
    ClusterCase(
        recording: "unschedulable", expected: [.unschedulable], object: grpc, field: "spec.template.spec",
        words: "1 Insufficient cpu"),
    ClusterCase(recording: "no-pods", expected: [.noPods], object: grpc, field: "spec.replicas"),
    ClusterCase(
        changes: [(headlessTarget, #""value":"dns:///sample-service-grpc:8080""#)], expected: [.notHeadless],
        object: "Service default/sample-service-grpc", field: "spec.clusterIP", words: "spec.clusterIP is 10.96.4.130"),
    ClusterCase(
        changes: [(#""value":"round_robin""#, #""value":"pick_first""#)], expected: [.pickFirst], object: gateway,
        field: "\(container)[gateway].env[LOAD_BALANCING_POLICY]"),
    ClusterCase(
        changes: [(#""MAX_CONNECTION_AGE","value":"30s""#, #""MAX_CONNECTION_AGE","value":"off""#)],
        expected: [.ageOff], object: grpc, field: "\(container)[grpc].env[MAX_CONNECTION_AGE]"),
    ClusterCase(
        changes: [(headlessTarget, #""value":"dns:///sample-service-grcp-headless:8080""#)],
        expected: [.serviceMissing],
        object: "Service default/sample-service-grcp-headless", field: "metadata.name", words: "env[GRPC_TARGET]"),
    ClusterCase(
        changes: [(headlessTarget, #""value":"dns:///sample-service-grpc-headless:8081""#)], expected: [.portUnknown],
        object: gateway, field: "\(container)[gateway].env[GRPC_TARGET]"),
    ClusterCase(
        changes: [
            (#""port":8080,"protocol":"TCP","targetPort":8080"#, #""port":50051,"protocol":"TCP","targetPort":8080"#),
            (headlessTarget, #""value":"dns:///sample-service-grpc-headless:50051""#),
        ], expected: [.portTranslated], object: "Service default/sample-service-grpc-headless",
        field: "spec.ports[grpc].port"),
    // Who may come in: another component's pods.
    ClusterCase(
        changes: [
            (
                #""ingress":[{"from":[\#(gatewayPeer)],"ports":[{"port":8080,"protocol":"TCP"}]}],"podSelector":{"matchLabels":{"app.kubernetes.io/component":"grpc""#,
                #""ingress":[],"podSelector":{"matchLabels":{"app.kubernetes.io/component":"grpc""#
            )
        ], expected: [.policyForbids], object: "NetworkPolicy default/sample-service-grpc", field: "spec.ingress",
        words: "are selected by sample-service-grpc"),
    // Where the caller may go.
    ClusterCase(
        changes: [(#"{"ports":[{"port":8080,"protocol":"TCP"}],"to":[\#(grpcPeer)]},"#, "")],
        expected: [.policyForbids], object: "NetworkPolicy default/sample-service-gateway", field: "spec.egress"),
    ClusterCase(
        changes: [
            (#"{"ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]}"#, #"{"ports":[{"port":54}]}"#)
        ],
        expected: [.policyForbids], object: "NetworkPolicy default/sample-service-gateway", field: "spec.egress"),
    ClusterCase(
        target: "dns:///orders:50051", expected: [.serviceMissing], object: "Service default/orders",
        field: "metadata.name"),
]

@Suite struct ClusterDiagnosisTests {
    @Test func aHealthyClusterHasNothingToReport() throws {
        let seen = try cluster("healthy")
        #expect(ClusterDiagnosis.findings(seen) == [])
        let facts = ClusterDiagnosis.facts(seen).map(\.text).joined(separator: "\n")
        #expect(facts.contains("sample-service-grpc-headless (headless, 5 ready)"))
        #expect(facts.contains("sample-service-gateway calls dns:///sample-service-grpc-headless:8080 by round_robin"))
        #expect(facts.contains("9 of 9 ready"))
    }

    @Test(arguments: clusterCases.indices) func eachFaultIsNamedWithObjectAndField(_ index: Int) throws {
        let fault = clusterCases[index]
        let findings = ClusterDiagnosis.findings(
            try cluster(fault.recording, fault.changes), target: fault.target)
        #expect(findings.map(\.id) == fault.expected)
        let first = try #require(findings.first)
        #expect(first.object == fault.object)
        #expect(first.field == fault.field)
        #expect(first.evidence.joined(separator: "\n").contains(fault.words))
        #expect(first.sentence.count > 60)
    }

    /// Of all that is wrong, only what concerns the target's Service.
    @Test func aTargetNarrowsItDown() throws {
        let seen = try cluster("selector-matches-nothing")
        #expect(ClusterDiagnosis.findings(seen, target: "dns:///sample-service-grpc.default:8080") == [])
        #expect(
            ClusterDiagnosis.findings(
                seen, target: "dns:///sample-service-grpc-headless.default.svc.cluster.local:8080"
            )
            .map(\.id) == [.selectsNothing])
    }

    /// A virtual address that nobody calls has a headless one beside it.
    @Test func aVirtualAddressWithoutAHeadlessTwinIsAFault() throws {
        let seen = try cluster(
            "healthy",
            [(#""clusterIP":"None","clusterIPs":["None"]"#, #""clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"]"#)])
        #expect(ClusterDiagnosis.findings(seen).contains { $0.id == .notHeadless })
    }

    /// A sidecar that chooses a server for each call.
    @Test func aMeshMakesUpForAVirtualAddress() throws {
        let seen = try cluster(
            "healthy",
            [
                (headlessTarget, #""value":"dns:///sample-service-grpc:8080""#),
                (#""image":"sample-service-gateway:0.1.0""#, #""image":"cr.l5d.io/linkerd/proxy/linkerd-proxy:1""#),
            ])
        #expect(ClusterDiagnosis.findings(seen) == [])
    }

    @Test func aNamedPortOfARuleIsTheServersOwn() throws {
        let rule = #""ingress":[{"from":[\#(gatewayPeer)],"ports":[{"port":8080,"protocol":"TCP"}]}]"#
        let named = try cluster("healthy", [(rule, rule.split(separator: "8080").joined(separator: #""grpc""#))])
        #expect(ClusterDiagnosis.findings(named) == [])
        let other = try cluster("healthy", [(rule, rule.split(separator: "8080").joined(separator: #""admin""#))])
        #expect(ClusterDiagnosis.findings(other).map(\.id) == [.policyForbids])
    }

    @Test func aRangeOfPortsAndAnotherNamespaceAreUnderstood() throws {
        let rule = #""ingress":[{"from":[\#(gatewayPeer)],"ports":[{"port":8080,"protocol":"TCP"}]}]"#
        func findings(_ from: String, _ ports: String) throws -> [FindingID] {
            let other = #""ingress":[{"from":[\#(from)],"ports":[\#(ports)]}]"#
            return ClusterDiagnosis.findings(try cluster("healthy", [(rule, other)])).map(\.id)
        }
        let port = #"{"port":8080}"#
        #expect(try findings(gatewayPeer, #"{"port":8000,"endPort":8100}"#) == [])
        #expect(try findings(gatewayPeer, #"{"port":8000,"endPort":8079}"#) == [.policyForbids])
        #expect(try findings(gatewayPeer, #"{"port":8080,"protocol":"UDP"}"#) == [.policyForbids])
        #expect(try findings(#"{"namespaceSelector":{}}"#, port) == [])
        let shop = #"{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"shop"}}}"#
        #expect(try findings(shop, port) == [.policyForbids])
        #expect(try findings(#"{"namespaceSelector":{"matchLabels":{"team":"shop"}}}"#, port) == [])
        let expression = #"{"key":"app.kubernetes.io/component","operator":"NotIn","values":["gateway"]}"#
        #expect(try findings(#"{"podSelector":{"matchExpressions":[\#(expression)]}}"#, port) == [.policyForbids])
        #expect(try findings(#"{"ipBlock":{"cidr":"10.0.0.0/8"}}"#, port) == [])
    }

    /// What other namespaces have was not read, and outside there are other names.
    @Test(arguments: ["dns:///orders.shop.svc.cluster.local:50051", "dns:///example.com:443", "dns:///orders.shop:1"])
    func whatIsNotInTheNamespaceThatWasReadIsNotMissing(_ target: String) throws {
        let seen = try cluster("healthy", [(headlessTarget, #""value":"\#(target)""#)])
        #expect(ClusterDiagnosis.findings(seen) == [])
        #expect(ClusterDiagnosis.findings(seen, target: target) == [])
        let own = try cluster("healthy", [(headlessTarget, #""value":"dns:///orders.default:50051""#)])
        #expect(ClusterDiagnosis.findings(own).map(\.id) == [.serviceMissing])
    }

    @Test func anExternalNameHasNoPortsToMiss() throws {
        let service =
            #"{"kind":"Service","metadata":{"name":"db"},"spec":{"type":"ExternalName","externalName":"x.test"}}"#
        let caller =
            #"{"kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":0,"template":{"spec":{"containers":"#
            + #"[{"name":"web","env":[{"name":"DB","value":"dns:///db:5432"}]}]}}}}"#
        let seen = try #require(ClusterObservation(try JSONParser.parse(#"{"items":[\#(service),\#(caller)]}"#)))
        #expect(ClusterDiagnosis.findings(seen) == [])
    }

    /// Kubernetes 1.29 and later: istio-proxy is an init container that stays.
    @Test func aNativeSidecarChoosesForEachCallToo() throws {
        let pods = #""containers":[{"env":[{"name":"POD_NAME""#
        let changed = try cluster(
            "healthy",
            [
                (headlessTarget, #""value":"dns:///sample-service-grpc:8080""#),
                (pods, #""initContainers":[{"name":"istio-proxy","image":"x","restartPolicy":"Always"}],"# + pods),
            ])
        #expect(ClusterDiagnosis.findings(changed) == [])
    }

    /// The recording's probe: nothing is said for as long as it has not had all its tries.
    @Test func aPodThatHasJustStartedIsNoFault() throws {
        var seen = try cluster("readiness-fails", [("2026-11-21T12:41:29Z", "2026-11-21T12:45:20Z")])
        let started = try #require(seen.lastStart)
        seen.time = started + 1_000_000_000
        #expect(!ClusterDiagnosis.findings(seen).contains { $0.id == .readinessFails })
        seen.time = started + 3_600_000_000_000
        #expect(ClusterDiagnosis.findings(seen).map(\.id) == [.readinessFails])
    }

    /// A Service with a selector, no ready endpoint, and whatever pods.
    private func unserved(_ pods: [String], _ more: [String] = []) throws -> Finding {
        let service =
            #"{"kind":"Service","metadata":{"name":"db"},"spec":{"selector":{"app":"db"},"ports":[{"port":5432}]}}"#
        let items = ([service] + pods + more).joined(separator: ",")
        let seen = try #require(ClusterObservation(try JSONParser.parse(#"{"items":[\#(items)]}"#)))
        let findings = ClusterDiagnosis.findings(seen)
        #expect(findings.map(\.id) == [.noEndpoints])
        let finding = try #require(findings.first)
        #expect(finding.object == "Service default/db")
        return finding
    }

    private func pod(_ status: String) -> String {
        #"{"kind":"Pod","metadata":{"name":"db-0","labels":{"app":"db"}},"spec":{"containers":[{"name":"db"}]},"#
            + #""status":{\#(status)}}"#
    }

    @Test(arguments: [
        (
            #""containerStatuses":[{"name":"db","ready":false,"restartCount":0,"state":{"waiting":"#
                + #"{"reason":"CreateContainerConfigError","message":"secret \"x\" not found"}}}]"#,
            #"db-0: container db: CreateContainerConfigError: secret "x" not found"#
        ),
        (
            #""initContainerStatuses":[{"name":"migrate","ready":false,"restartCount":4,"state":{"waiting":"#
                + #"{"reason":"CrashLoopBackOff","message":"back-off 40s"}},"lastState":{"terminated":"#
                + #"{"exitCode":2,"reason":"Error"}}}],"containerStatuses":[{"name":"db","ready":false,"#
                + #""restartCount":0,"state":{"waiting":{"reason":"PodInitializing"}}}]"#,
            "db-0: init container migrate: CrashLoopBackOff: back-off 40s: the last run ended with status 2 (Error)"
        ),
        (
            #""containerStatuses":[{"name":"db","ready":false,"restartCount":9,"state":{"waiting":"#
                + #"{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]"#,
            "db-0: container db: CrashLoopBackOff: the last run ended with status 137 (OOMKilled)"
        ),
        (
            #""containerStatuses":[{"name":"db","ready":false,"restartCount":0,"state":{"running":{}}}]"#,
            "db-0: runs, and is not ready"
        ),
    ])
    func aServiceWithoutReadyEndpointsTellsWhatItsPodsWaitFor(_ status: String, _ words: String) throws {
        #expect(try unserved([pod(status)]).evidence == [words])
    }

    @Test func aDeploymentWhosePodsNobodyMayMakeIsTold() throws {
        let deployment =
            #"{"kind":"Deployment","metadata":{"name":"db"},"spec":{"replicas":2,"selector":{"matchLabels":"#
            + #"{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"db"}]}}}}"#
        #expect(try unserved([], [deployment]).evidence == ["no pod was made: kubectl describe replicaset"])
    }

    @Test func whatIsNoListIsRefused() throws {
        #expect(ClusterObservation(try JSONParser.parse(Array(#"{"kind":"Service"}"#.utf8))) == nil)
    }
}

/// The promise of docs/doctor.md: what can be found is found by these tests.
@Suite struct EveryFindingTests {
    @Test func everyFindingHasACase() {
        let others: [FindingID] = [.serversUnseen, .podUnready, .podUnknown, .gatewayFails, .noEndpoints]
        let seen = Set(targetCases.map(\.expected) + clusterCases.flatMap(\.expected) + others)
        #expect(Set(FindingID.allCases).subtracting(seen) == [])
    }
}
