import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing

/// Channels with servers that greet and close, and with more callers than they can serve.
@Suite(.timeLimit(.minutes(5))) struct ChannelAbuseTests {
    @Test(arguments: LoadBalancingPolicyName.allCases)
    func aServerThatGreetsAndClosesIsNotConnectedToForEver(policy: LoadBalancingPolicyName) async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { $0.session.goAway(.enhanceYourCalm, debugData: "too_many_pings") }
            var configuration = ChannelConfiguration()
            configuration.dialer = TestStreams.dialer
            configuration.keepalive.time = .seconds(10)
            let channel = Channel.to([server.address], policy, on: loop, configuration)
            // It waits for as long as connections come, and their back-off is a second and more.
            let error = await channel.call().error
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("GOAWAY ENHANCE_YOUR_CALM") == true)
            #expect(server.peers.count == 2)
            server.stop()
            await channel.end()
        }
    }

    @Test(arguments: LoadBalancingPolicyName.allCases)
    func keepaliveThatIsTooOftenForAServerSlowsDown(policy: LoadBalancingPolicyName) async throws {
        try await withLoop { loop in
            // More often than the time can be doubled within 64 bits.
            let server = try RawServer(on: loop) { $0.session.goAway(.enhanceYourCalm, debugData: "too_many_pings") }
            var configuration = ChannelConfiguration.quick
            configuration.backoff.maximum = .milliseconds(5)
            configuration.keepalive.time = .seconds(10)
            let channel = Channel.to([server.address], policy, on: loop, configuration)
            let bound = LoopBound(channel, on: loop)
            let options = CallOptions(timeout: .seconds(60), waitForReady: true)
            let calls = loop.startTask {
                // One that leaves between the greeting and the GOAWAY is sent again only once.
                while await bound.value.call(TestMethods.echo, [], options).error?.code == .unavailable {}
            }
            await server.watch.until("seventy connections") { server.peers.count >= 70 }
            calls.cancel()
            await calls.value
            server.stop()
            await channel.end()
        }
    }

    @Test func howeverManyCallsWaitThePolicyIsWokenOnce() async throws {
        try await withLoop { loop in
            let policy = CountedPolicy.Count()
            let resolver = FakeResolver()
            let channel = Channel(
                target: Target(scheme: "dns", endpoint: "test:80"), resolver: resolver,
                policy: CountedPolicy(count: policy), on: loop, configuration: .quick)
            let calls = (0..<1000).map { _ in channel.start() }
            // It goes to IDLE with all of them waiting.
            resolver.find([.loopback])
            #expect(policy.wakings == 1)
            for call in calls { #expect(await call.value.error?.message == "dns:///test:80: it is enough") }
            await channel.end()
        }
    }

    /// IDLE until it is woken, and then failing.
    private struct CountedPolicy: LoadBalancingPolicy {
        final class Count {
            var wakings = 0
        }

        static let name = "counted"
        let count: Count

        func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
            channel.update(.idle, .idle)
            return .accepted
        }

        func exitIdle(_ channel: inout ChannelControlHelper) {
            count.wakings += 1
            channel.update(.transientFailure, .fail(RPCError(.unavailable, "it is enough")))
        }

        func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {}
        func subchannel(_: SubchannelID, changedTo: SubchannelState, _ channel: inout ChannelControlHelper) {}
        func shutdown(_ channel: inout ChannelControlHelper) {}
    }
}
