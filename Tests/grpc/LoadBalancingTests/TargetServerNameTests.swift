import LoadBalancing
import Testing

@Suite struct TargetServerNameTests {
    @Test(arguments: [
        ("dns:///pods.default:8080", "pods.default"), ("dns:///pods", "pods"), ("dns:///pods.:8080", "pods."),
        ("ipv4:127.0.0.1:80", "127.0.0.1"), ("ipv6:[::1]:80", "::1"), ("ipv6:fd00::1", "fd00::1"),
        ("kubernetes:///sample-service-grpc.default:grpc", "sample-service-grpc.default"),
        ("etcd:///sample-service-grpc", "sample-service-grpc"),
    ])
    func isTheHostOfTheEndpoint(target: String, name: String) throws {
        #expect(try Target(target, knownSchemes: Self.schemes).serverName == name)
    }

    @Test(arguments: ["ipv4:127.0.0.1:80,127.0.0.2:80", "unix:/run/socket", "unix-abstract:name", "dns:///:80"])
    func severalServersAndPathsHaveNone(target: String) throws {
        #expect(try Target(target, knownSchemes: Self.schemes).serverName == nil)
    }

    private static let schemes: Set<String> = ["dns", "ipv4", "ipv6", "unix", "unix-abstract", "kubernetes", "etcd"]
}
