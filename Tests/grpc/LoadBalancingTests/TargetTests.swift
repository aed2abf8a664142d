import LoadBalancing
import RPCCore
import Testing

/// The examples are those of gRPC's naming.md.
@Suite struct TargetTests {
    private static let schemes: Set<String> = ["dns", "ipv4", "ipv6", "passthrough", "unix", "unix-abstract"]

    @Test(arguments: [
        ("dns:///localhost:8080", Target(scheme: "dns", endpoint: "localhost:8080")),
        ("dns:localhost:8080", Target(scheme: "dns", endpoint: "localhost:8080")),
        ("dns:localhost", Target(scheme: "dns", endpoint: "localhost")),
        ("dns://8.8.8.8/server", Target(scheme: "dns", authority: "8.8.8.8", endpoint: "server")),
        ("dns://10.0.0.10:53/host:port", Target(scheme: "dns", authority: "10.0.0.10:53", endpoint: "host:port")),
        ("dns://[::1]:53/host", Target(scheme: "dns", authority: "[::1]:53", endpoint: "host")),
        ("DNS:///host:1", Target(scheme: "dns", endpoint: "host:1")),
        // No scheme: a name for the default one.
        ("localhost:8080", Target(scheme: "dns", endpoint: "localhost:8080")),
        ("localhost", Target(scheme: "dns", endpoint: "localhost")),
        (":8080", Target(scheme: "dns", endpoint: ":8080")),
        ("[::1]:8080", Target(scheme: "dns", endpoint: "[::1]:8080")),
        ("pods.default.svc.cluster.local:8080", Target(scheme: "dns", endpoint: "pods.default.svc.cluster.local:8080")),
        ("ipv4:10.0.0.1:80,10.0.0.2:80", Target(scheme: "ipv4", endpoint: "10.0.0.1:80,10.0.0.2:80")),
        ("ipv4:///10.0.0.1:80", Target(scheme: "ipv4", endpoint: "10.0.0.1:80")),
        ("ipv6:[2607:f8b0::1]:80", Target(scheme: "ipv6", endpoint: "[2607:f8b0::1]:80")),
        ("unix:relative.sock", Target(scheme: "unix", endpoint: "relative.sock")),
        ("unix:/run/absolute.sock", Target(scheme: "unix", endpoint: "/run/absolute.sock")),
        ("unix:///run/absolute.sock", Target(scheme: "unix", endpoint: "/run/absolute.sock")),
        ("unix-abstract:name", Target(scheme: "unix-abstract", endpoint: "name")),
        ("unix-abstract:a/b:c", Target(scheme: "unix-abstract", endpoint: "a/b:c")),
        // As grpc-go and C core have it: the path of the URI, with its slash.
        ("unix-abstract:///a/b", Target(scheme: "unix-abstract", endpoint: "/a/b")),
        ("passthrough:///host:80", Target(scheme: "passthrough", endpoint: "host:80")),
        ("passthrough:host:80", Target(scheme: "passthrough", endpoint: "host:80")),
    ])
    func parses(text: String, target: Target) throws {
        #expect(try Target(text, knownSchemes: TargetTests.schemes) == target)
        // What it is described as is parsed into the same again.
        #expect(try Target(target.description, knownSchemes: TargetTests.schemes) == target)
    }

    @Test(arguments: [
        ("", "it is empty"), ("dns:", "nothing follows the scheme"), ("dns:///", "no endpoint follows the authority"),
        ("dns://8.8.8.8/", "no endpoint follows the authority"),
        ("dns://host:80", "a '/' must end the authority, as in dns:///host:port"),
        ("dns://", "a '/' must end the authority, as in dns:///host:port"),
        ("xds:///service", "its scheme, \"xds\", is not one of: dns, ipv4, ipv6, passthrough, unix, unix-abstract"),
        ("://x", "its scheme, \"\", is not one of: dns, ipv4, ipv6, passthrough, unix, unix-abstract"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: RPCError.self) { try Target(text, knownSchemes: TargetTests.schemes) }
        #expect(error == RPCError(.invalidArgument, "target \"\(text)\" cannot be used: \(reason)"))
    }

    @Test func aSchemeThatThisBuildLacksIsPartOfAName() throws {
        #expect(try Target("etcd:8080", knownSchemes: TargetTests.schemes).endpoint == "etcd:8080")
        #expect(try Target("etcd:8080", knownSchemes: ["etcd"]) == Target(scheme: "etcd", endpoint: "8080"))
    }

    @Test func describesItselfAsItIsWritten() {
        #expect(Target(scheme: "dns", endpoint: "host:80").description == "dns:///host:80")
        #expect(Target(scheme: "dns", authority: "1.1.1.1", endpoint: "host").description == "dns://1.1.1.1/host")
        #expect(Target(scheme: "unix", endpoint: "/run/x").description == "unix:/run/x")
    }
}
