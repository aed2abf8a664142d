import Addresses
import Events
import LoadBalancing
import RPCCore
import Resolvers
import TestSupport
import Testing

private let registry = ResolverRegistry([.dns, .ipv4, .ipv6, .unix, .unixAbstract, .passthrough])

@Suite(.timeLimit(.minutes(5))) struct ResolverRegistryTests {
    /// What a resolver for `target` reports first.
    private static func firstReport(
        _ target: String, on loop: EventLoop
    ) async throws -> Result<Resolution, RPCError> {
        let target = try Target(target, knownSchemes: registry.schemes)
        let resolver = try registry.makeResolver(target, on: loop)
        let journal = Journal<Result<Resolution, RPCError>>()
        resolver.start { journal.accept($0) }
        #expect(journal.isEmpty, "reported from within start")
        let report = await journal.next()
        resolver.shutdown()
        return report
    }

    @Test(arguments: [
        ("ipv4:127.0.0.1:8080", ["127.0.0.1:8080"]),
        ("ipv4:127.0.0.1:8080,127.0.0.2:8081,127.0.0.1:8080", ["127.0.0.1:8080", "127.0.0.2:8081"]),
        ("ipv4:10.0.0.1", ["10.0.0.1:443"]),
        ("ipv6:[::1]:8080,[fd00::2]:9", ["[::1]:8080", "[fd00::2]:9"]),
        ("ipv6:::1", ["[::1]:443"]),
        ("unix:relative/path", ["unix:relative/path"]),
        ("unix:///run/pod.sock", ["unix:/run/pod.sock"]),
        ("unix-abstract:name", ["unix-abstract:name"]),
        ("unix-abstract:///a/b", ["unix-abstract:/a/b"]),
        ("passthrough:///pods.test:8080", ["pods.test:8080"]),
        ("passthrough:pods.test:8080", ["pods.test:8080"]),
        ("passthrough:///127.0.0.5:8080", ["127.0.0.5:8080"]),
        ("passthrough:///[::1]:8080", ["[::1]:8080"]),
        ("passthrough:///unix:/run/pod.sock", ["unix:/run/pod.sock"]),
        ("dns:///127.0.0.5:8080", ["127.0.0.5:8080"]),
        ("127.0.0.5:8080", ["127.0.0.5:8080"]),
        ("dns:///127.0.0.5", ["127.0.0.5:443"]),
        ("dns:///[::1]:8080", ["[::1]:8080"]),
        ("dns:[::1]", ["[::1]:443"]),
        ("dns://127.0.0.1:1/127.0.0.5:80", ["127.0.0.5:80"]),
    ])
    func addressesAreTheirOwnAnswer(target: String, endpoints: [String]) async throws {
        let report = try await withLoop { try await ResolverRegistryTests.firstReport(target, on: $0) }
        #expect(try report.get().endpoints.map(\.description) == endpoints)
    }

    @Test(arguments: [
        ("dns:///pods:http", "the port must be a number from 1 to 65535, not \"http\""),
        ("dns:///pods:0", "the port must be a number from 1 to 65535, not \"0\""),
        ("dns:///pods:65536", "the port must be a number"),
        ("dns:///:8080", "it has no host name"),
        ("dns:///two words:80", "\"two words\" is not a host name"),
        ("dns:///10.0.0.256:80", "\"10.0.0.256\" is not an IPv4 address"),
        ("dns:///[::1:80", "is not an IPv6 address in brackets"),
        ("dns:///süd.example:80", "xn--"),
        ("dns://dns.example/pods:80", "the DNS server \"dns.example\" must be an address"),
        ("dns://10.0.0.1:0/pods:80", "the DNS server \"10.0.0.1:0\" must be an address"),
        ("dns://:53/pods:80", "must be an address"),
        ("ipv4:127.0.0.1:8080,,127.0.0.2:8080", "\"\" is not an address such as 10.0.0.1:8080"),
        ("ipv4::8080", "\":8080\" is not an address"),
        ("ipv4:[::1]:80", "does not belong to the scheme"),
        ("ipv4:pods:80", "\"pods:80\" is not an address"),
        ("ipv4://authority/127.0.0.1:80", "takes no authority"),
        ("ipv6:127.0.0.1:80", "does not belong to the scheme"),
        ("unix:/" + String(repeating: "x", count: 107), "the path of a unix socket has 1 to 107 bytes"),
        ("unix-abstract:" + String(repeating: "x", count: 108), "the name of a unix socket has 1 to 107 bytes"),
        ("unix-abstract://somebody/name", "takes no authority"),
        ("passthrough:///pods.test", "scheme passthrough adds nothing, so a port must follow the host"),
        ("passthrough:///::1", "so a port must follow the host"),
        ("passthrough:///:80", "it has no host name"),
        ("passthrough://somebody/pods:80", "takes no authority"),
    ])
    func whatCannotBeUsedIsAnErrorAtCreation(text: String, reason: String) async throws {
        try await withLoop { loop in
            let target = try Target(text, knownSchemes: registry.schemes)
            let error = #expect(throws: RPCError.self) { try registry.makeResolver(target, on: loop) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("cannot be used") == true)
        }
    }

    @Test func aSchemeWithoutResolverIsNamedWithThoseThatExist() async throws {
        try await withLoop { loop in
            let target = Target(scheme: "etcd", endpoint: "pods")
            let error = #expect(throws: RPCError.self) { try registry.makeResolver(target, on: loop) }
            #expect(
                error?.message.contains("\"etcd\", is not one of: dns, ipv4, ipv6, passthrough, unix, unix-abstract")
                    == true)
        }
    }

    /// What a program registers is all there is, and all that `Target` takes for a scheme.
    @Test func aProgramMayHaveResolversOfItsOwn() async throws {
        try await withLoop { loop in
            let etcd = ResolverFactory("etcd") { (target, loop, _) throws(RPCError) in
                if target.endpoint != "pods" { throw RPCError(.invalidArgument, "no such key") }
                return StaticResolver([Endpoint(.unix(path: "pods"))], on: loop)
            }
            let own = ResolverRegistry([.unix, etcd])
            #expect(own.schemes == ["etcd", "unix"])
            let target = try Target("etcd:pods", knownSchemes: own.schemes)
            let resolver = try own.makeResolver(target, on: loop)
            #expect(resolver.snapshot.endpoints == [Endpoint(.unix(path: "pods"))])
            #expect(throws: RPCError(.invalidArgument, "no such key")) {
                try own.makeResolver(Target(scheme: "etcd", endpoint: "other"), on: loop)
            }
            let name = try Target("pods:8080", knownSchemes: own.schemes)
            let error = #expect(throws: RPCError.self) { try own.makeResolver(name, on: loop) }
            #expect(error?.message.contains("its scheme, \"dns\", is not one of: etcd, unix") == true)
        }
    }

    @Test func aShutDownResolverReportsNothing() async throws {
        try await withLoop { loop in
            let target = try Target("ipv4:127.0.0.1:80", knownSchemes: registry.schemes)
            let resolver = try registry.makeResolver(target, on: loop)
            resolver.start { _ in
                Issue.record("reported after shutdown")
                return .accepted
            }
            resolver.shutdown()
            // The report was due in the next turn.
            try await loop.sleep(for: .milliseconds(1))
        }
    }
}
