import KubernetesDiscovery
import LoadBalancing
import RPCCore
import Testing

@Suite struct ServiceReferenceTests {
    private func reference(_ endpoint: String, authority: String = "") throws(RPCError) -> ServiceReference {
        try ServiceReference(Target(scheme: "kubernetes", authority: authority, endpoint: endpoint))
    }

    @Test func readsServiceNamespaceAndPort() throws {
        let full = try reference("sample-service-grpc.team-a:grpc")
        #expect(full.service == "sample-service-grpc")
        #expect(full.namespace == "team-a")
        #expect(full.port == .name("grpc"))
        let short = try reference("pods:8080")
        #expect(short.namespace == nil)
        #expect(short.port == .number(8080))
    }

    @Test(arguments: [
        ("pods", "it has no port"),
        ("pods:", "from 1 to 65535"),
        (":grpc", "\"\" is not the name of a Service"),
        ("Pods:grpc", "\"Pods\" is not the name of a Service"),
        ("-pods:grpc", "\"-pods\" is not the name of a Service"),
        ("pods.:grpc", "\"\" is not the name of a namespace"),
        ("pods.ns.svc.cluster.local:grpc", "is a DNS name; expected service.namespace"),
        ("pods/x:grpc", "is not the name of a Service"),
        ("pods:0", "from 1 to 65535 or a name, not \"0\""),
        ("pods:65536", "from 1 to 65535"),
        ("pods:gRPC", "neither a port's number nor a name"),
        ("pods:a-name-too-long-x", "neither a port's number nor a name"),
        ("pods:1-2", "neither a port's number nor a name"),
    ]) func namesWhatIsWrong(_ endpoint: String, _ reason: String) {
        do throws(RPCError) {
            _ = try reference(endpoint)
            Issue.record("\(endpoint) was accepted")
        } catch {
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains(reason), "\(error.message)")
        }
    }

    @Test func takesNoAuthority() {
        #expect(throws: RPCError.self) { try self.reference("pods:grpc", authority: "10.0.0.1:6443") }
    }
}
