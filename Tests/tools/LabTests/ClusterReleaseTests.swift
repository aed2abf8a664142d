import JSON
import Lab
import LoadBalancing
import LocalCluster
import System
import Terminal
import Testing
import Timing

/// A release, as a real API server told its objects (Tests/tools/Recordings/kubernetes).
@Suite struct ClusterReleaseTests {
    private static let recorded: JSONValue = {
        let path = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let bytes = (try? FileSystem.read("/\(path)/Recordings/kubernetes/healthy.json")) ?? []
        return (try? JSONParser.parse(bytes)) ?? .null
    }()

    /// The recording, with other settings of a component's container.
    private func objects(_ component: String = "", _ settings: [String: String] = [:], with more: [JSONValue] = [])
        -> JSONValue
    {
        let items = (ClusterReleaseTests.recorded["items"]?.array ?? []).map { item in
            let name = item["metadata"]?["name"]?.string
            guard item["kind"] == "Deployment", name == "sample-service-\(component)" else { return item }
            var text = item.text
            for (key, value) in settings {
                let entry = item["spec"]?["template"]?["spec"]?["containers"]?.array?.first?["env"]?.array?
                    .first { $0["name"]?.string == key }
                text = text.replacing(
                    entry?.text ?? #""env":["#,
                    with: (entry == nil ? #""env":["# : "") + #"{"name":"\#(key)","value":"\#(value)"}"#
                        + (entry == nil ? "," : ""))
            }
            return (try? JSONParser.parse(text)) ?? .null
        }
        return ["items": .array(items + more)]
    }

    private func release(_ component: String = "", _ settings: [String: String] = [:]) throws -> ClusterRelease {
        try ClusterRelease(objects(component, settings), namespace: "default")
    }

    @Test func `what a release is follows from its objects`() throws {
        let release = try release()
        #expect(release.deployment == "sample-service-grpc" && release.replicas == 5 && release.nodePort == 31234)
        #expect(
            release.selector.split(separator: ",").sorted() == [
                "app.kubernetes.io/component=grpc", "app.kubernetes.io/instance=sample-service",
                "app.kubernetes.io/name=sample-service",
            ])
        #expect(release.setup.mode == .headless && release.setup.policy == .roundRobin && !release.hasTrouble)
        #expect(release.setup.connectionAge == .seconds(30) && release.setup.dnsInterval == .seconds(5))
        #expect(release.setup.clock == .seconds(1) && release.setup.shutdownDelay == .seconds(5))
    }

    @Test(arguments: [
        ("dns:///sample-service-grpc:8080", Mode.clusterIP), ("dns:///sample-service-grpc-headless:8080", .headless),
        ("dns:///sample-service-envoy.default.svc.cluster.local:8080", .envoy), ("ipv4:127.0.0.1:18080", .envoySidecar),
        ("dns:///sample-service-nginx-grpc:8081", .nginx), ("etcd:///sample-service-grpc", .etcd),
        ("consul:///sample-service-grpc", .consul), ("kubernetes:///sample-service-grpc.default:grpc", .kubernetes),
    ])
    func `the mode is known by the gateway's target`(target: String, mode: Mode) throws {
        #expect(try release("gateway", ["GRPC_TARGET": target]).setup.mode == mode)
    }

    @Test(arguments: [
        "dns:///orders:8080", "ipv4:10.0.0.1:8080", "unix:/x", "", ":", "dns://", "dns:///other-grpc:8080",
    ])
    func `another target is refused`(target: String) {
        #expect { try release("gateway", ["GRPC_TARGET": target]) } throws: {
            "\($0)".contains("the gateway's target is '\(target)'")
        }
    }

    @Test func `what a cache may keep is what the chart lets pods wait for`() throws {
        #expect(try release("grpc", ["SHUTDOWN_DELAY": "35s"]).setup.dnsCache == .seconds(30))
        #expect(try release("grpc", ["SHUTDOWN_DELAY": "1s"]).setup.dnsCache == .zero)
        #expect(try release("grpc", ["MAX_CONNECTION_AGE": "off"]).setup.connectionAge == nil)
        #expect(try release("grpc", ["TROUBLE": "on"]).hasTrouble)
        // 1.1 × 30 s + 5 s + 30 s + 2 s to connect + 1 s for the clock
        let setup = try release("grpc", ["SHUTDOWN_DELAY": "35s"]).setup
        #expect(ModeTheory(setup).noticeLimit == .seconds(71))
    }

    @Test func `what was there before has connections of any age, and has looked names up`() throws {
        // Age 30 s: in 40 s each connection ends once or twice, one that was young when the load began once.
        let theory = ModeTheory(try release().setup)
        #expect(theory.connectionsEnded(in: .seconds(40)).bounds == 5...10)
        var fresh = try release().setup
        fresh.isOlder = false
        #expect(ModeTheory(fresh).connectionsEnded(in: .seconds(40)).bounds == 5...5)
        let least = ModeTheory(fresh).lookups(in: .seconds(40), calls: 8000).bounds.lowerBound - 1
        #expect(theory.lookups(in: .seconds(40), calls: 8000).bounds.lowerBound == least)
    }

    @Test func `an autoscaler, several releases and none are refused, with what to do`() {
        let scaler: JSONValue = [
            "kind": "HorizontalPodAutoscaler", "metadata": ["name": "mine"],
            "spec": ["scaleTargetRef": ["name": "sample-service-grpc"]],
        ]
        expectRefusal(objects(with: [scaler]), "HorizontalPodAutoscaler mine decides how many pods")
        var other = scaler.text
        other = other.replacing("sample-service-grpc", with: "sample-service-gateway")
        expectRefusal(
            objects(with: [(try? JSONParser.parse(other)) ?? .null]),
            "HorizontalPodAutoscaler mine decides how many pods")
        expectRefusal(objects(with: objects()["items"]?.array ?? []), "has several releases")
        expectRefusal(
            ["items": []], "namespace default has no Deployment of sample-service's grpc pods: install the chart")
        expectRefusal(.null, "namespace default has no Deployment")
        expectRefusal(objects("gateway", ["EVENT_LOOPS": "2"]), "has 1 pods with 2 event loops")
    }

    private func expectRefusal(_ list: JSONValue, _ words: String, at place: SourceLocation = #_sourceLocation) {
        #expect(sourceLocation: place) {
            try ClusterRelease(list, namespace: "default")
        } throws: {
            ($0 as? Failure)?.message.contains(words) == true
        }
    }
}
