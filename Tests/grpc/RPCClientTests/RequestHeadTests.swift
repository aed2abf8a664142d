import Addresses
import Events
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing

/// What a channel writes into the head of a request.
@Suite(.timeLimit(.minutes(5))) struct RequestHeadTests {
    /// The head that a server sees of a call with these options.
    private func head(
        _ target: Target = Target(scheme: "dns", endpoint: "pods.test:8080"), address: SocketAddress = .loopback,
        options: CallOptions = CallOptions(), _ configuration: ChannelConfiguration = .quick
    ) async throws -> [String] {
        try await withLoop { loop in
            let server = try RawServer(on: loop, address: address) { peer in
                peer.record.requestEnded = { [unowned peer] in peer.answer($0) }
            }
            let resolver = FakeResolver()
            let channel = Channel(
                target: target, resolver: resolver, policy: LoadBalancingPolicyName.pickFirst.makePolicy(seed: 1),
                on: loop, configuration: configuration)
            channel.connect()
            resolver.find([server.address])
            #expect(await channel.call(TestMethods.echo, [], options).error == nil)
            let head = server.requests.first?.blocks.first ?? []
            server.stop()
            await channel.end()
            return head
        }
    }

    @Test func isWhatTheSpecificationAsksFor() async throws {
        #expect(
            try await head() == [
                ":method: POST", ":scheme: http", ":path: /test.Service/Echo", ":authority: pods.test:8080",
                "te: trailers", "content-type: application/grpc", "user-agent: sample-service",
                "grpc-accept-encoding: identity,deflate,gzip",
            ])
    }

    @Test func theSchemeIsTheConnections() async throws {
        var dialer = RoughSockets()
        dialer.agreement = StreamAgreement(isEncrypted: true, applicationProtocol: "h2")
        var configuration = ChannelConfiguration.quick
        configuration.dialer = dialer
        #expect(
            try await self.head(
                Target(scheme: "dns", endpoint: "pods.test:8080"), address: .loopback, options: CallOptions(),
                configuration
            ).contains(":scheme: https"))
    }

    @Test func carriesTheTimeoutAndMetadata() async throws {
        var options = CallOptions(timeout: .seconds(3600))
        try options.metadata.append("x-key", "value")
        try options.metadata.append("data-bin", "AAEC")
        let head = try await head(options: options)
        #expect(Array(head.dropLast().suffix(2)) == ["x-key: value", "data-bin: AAEC"])
        // What is left of the hour after waiting for the connection, which takes less than five minutes.
        let timeout = try #require(head.last?.wholeMatch(of: /grpc-timeout: (\d+)m/))
        let milliseconds = try #require(Int(timeout.1))
        #expect((3_300_000...3_600_000).contains(milliseconds))
    }

    @Test func reservedKeysAreNotTheApplications() async throws {
        var options = CallOptions()
        for key in ["grpc-timeout", "grpc-encoding", "grpc-anything", "te", "user-agent"] {
            try options.metadata.append(key, "1S")
        }
        try options.metadata.append("grpc-trace-bin", "AA")
        let head = try await head(options: options)
        #expect(head.count == 9)
        #expect(head.last == "grpc-trace-bin: AA")
    }

    @Test func aUnixSocketHasNoAuthorityOfItsOwn() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/s"
        let head = try await head(Target(scheme: "unix", endpoint: path), address: .unix(path: path))
        // A path is no authority, and servers refuse it.
        #expect(head.contains(":authority: localhost"))
        directory.remove()
    }
}
