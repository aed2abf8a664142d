import Addresses
import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// A channel that nobody calls for a while, and one that is called again.
@Suite(.timeLimit(.minutes(5))) struct IdleTests {
    /// Writes down a channel's events, and does something at each. Loop thread only.
    private final class Events: ClientTracer {
        private(set) var messages: [String] = []
        var told: ((ChannelEvent) -> Void)?

        func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? { nil }
        func channelEvent(_ event: ChannelEvent) {
            messages.append(event.message())
            told?(event)
        }
    }

    private func configuration(_ timeout: Duration?) -> ChannelConfiguration {
        var configuration = ChannelConfiguration.quick
        configuration.idleTimeout = timeout
        return configuration
    }

    private func idle(_ channel: Channel, _ loop: EventLoop) async {
        await poll("it is IDLE", on: loop) { channel.snapshot.state == .idle }
    }

    @Test(arguments: LoadBalancingPolicyName.allCases)
    func connectionsResolverAndPolicyAreGivenUpAndComeBackWithACall(policy: LoadBalancingPolicyName) async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let resolver = FakeResolver()
            let events = Events()
            let channel = Channel.to(resolver, policy, on: loop, configuration(.milliseconds(50)), tracers: [events])
            let first = channel.start()
            resolver.find(fleet.addresses)
            #expect(await first.value.error == nil)
            await idle(channel, loop)
            #expect(resolver.isShutDown)
            #expect(channel.snapshot.subchannels.isEmpty)
            #expect(channel.snapshot.resolver.endpoints.isEmpty)
            #expect(channel.snapshot.idleReason == "no call for 50ms")
            #expect(events.messages.last == "the channel is IDLE, it was READY: no call for 50ms")
            #expect(
                events.messages.dropLast().last?.hasSuffix(": no call for 50ms") == true
                    && events.messages.dropLast().last?.hasPrefix("connection to 127.0.0.1:") == true)
            // The servers are told, and let go: only their listeners are left.
            await poll("the connections are closed", on: loop) { loop.registrationCount == fleet.addresses.count }

            let next = channel.start()
            #expect(resolver.starts == 2)
            #expect(channel.snapshot.state == .connecting && channel.snapshot.idleReason == nil)
            // Where they are has changed meanwhile.
            try fleet.add()
            resolver.find([fleet.addresses[2]])
            #expect(await next.value.error == nil)
            #expect(fleet.counts.last == 1)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func theServerReadsAGoodbye() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let channel = Channel.to([server.address], on: loop, configuration(.milliseconds(20)))
            #expect(await channel.call().reply == [8])
            await poll("the connection is closed", on: loop) { server.peers[0].isClosed }
            #expect(server.peers[0].record.goAways.map(\.code) == [.noError])
            #expect(channel.snapshot.state == .idle)
            server.stop()
            await channel.end()
        }
    }

    @Test func aCallUnderWayKeepsItAwake() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let events = Events()
            let channel = Channel.to(fleet.addresses, on: loop, configuration(.milliseconds(5)), tracers: [events])
            let running = channel.start(TestMethods.wait, [4])
            await fleet.gate.arrival()
            // Several time-outs long, as another channel's show.
            let other = Channel.to(
                FakeResolver(fleet.addresses, on: loop), on: loop, configuration(.milliseconds(5)))
            for _ in 0..<4 {
                #expect(await other.call().error == nil)
                await idle(other, loop)
            }
            #expect(channel.snapshot.state == .ready)
            fleet.gate.open()
            #expect(await running.value.reply == [4])
            await idle(channel, loop)
            await fleet.stop()
            other.shutdown()
            await channel.end()
        }
    }

    /// And one that waits: for a connection, or until it is tried again.
    @Test func aCallThatWaitsKeepsItTrying() async throws {
        try await withLoop { loop in
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop, configuration(.milliseconds(5)))
            let patient = channel.start(TestMethods.echo, [7], CallOptions(waitForReady: true))
            resolver.fail("no such name")
            let other = Channel.to([freeLoopbackAddress()], on: loop, configuration(.milliseconds(20)))
            await idle(other, loop)
            #expect(resolver.starts == 1 && !resolver.isShutDown)
            let fleet = try Fleet(1, on: loop)
            resolver.find(fleet.addresses)
            #expect(await patient.value.reply == [7])
            await fleet.stop()
            other.shutdown()
            await channel.end()
        }
    }

    @Test func oneThatFailsGoesToIdleAsWell() async throws {
        try await withLoop { loop in
            let events = Events()
            let channel = Channel.to(
                [freeLoopbackAddress()], on: loop, configuration(.milliseconds(50)), tracers: [events])
            #expect(await channel.call().error?.code == .unavailable)
            await idle(channel, loop)
            #expect(events.messages.last == "the channel is IDLE, it was TRANSIENT_FAILURE: no call for 50ms")
            await channel.end()
        }
    }

    /// The call is begun by whoever hears of a connection that is closed, and again by whoever hears of the state: in the
    /// midst of going to IDLE, when half of it is done.
    @Test func aCallInTheSameTurnIsNeitherLostNorFailed() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let resolver = FakeResolver(fleet.addresses, on: loop)
            let events = Events()
            let channel = Channel.to(resolver, on: loop, configuration(.milliseconds(5)), tracers: [events])
            var calls: [Task<Result<[UInt8], RPCError>, Never>] = []
            events.told = { event in
                switch event.kind {
                case .connectionClosed, .state(_, to: .idle, _):
                    if calls.count < 50 { calls.append(channel.start(TestMethods.echo, [UInt8(calls.count)])) }
                default: break
                }
            }
            #expect(await channel.call().error == nil)
            await poll("fifty calls", on: loop) { calls.count == 50 }
            for (number, call) in calls.enumerated() { #expect(await call.value.reply == [UInt8(number)]) }
            #expect(resolver.starts >= 50 / 3)
            events.told = nil
            await fleet.stop()
            await channel.end()
        }
    }

    /// A timer that is due at the same time as the channel's, before it and behind it.
    @Test func callsAroundTheTimeoutAllSucceed() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let resolver = FakeResolver(fleet.addresses, on: loop)
            let channel = Channel.to(resolver, on: loop, configuration(.milliseconds(2)))
            var failures: [RPCError] = []
            for number in 0..<300 {
                let pause = Duration.microseconds(1_900 + number % 20 * 10)
                try await loop.sleep(for: pause)
                if let error = await channel.call().error { failures.append(error) }
            }
            #expect(failures == [])
            #expect(resolver.starts > 1)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func offIsNever() async throws {
        try await withLoop { loop in
            let never = Channel.to(FakeResolver(), on: loop, configuration(nil))
            never.connect()
            #expect(loop.timerCount == 0)
            let once = Channel.to(FakeResolver(), on: loop, configuration(.seconds(3600)))
            once.connect()
            #expect(loop.timerCount == 1)
            never.shutdown()
            await once.end()
        }
    }

    @Test func whatTheResolverHadBroughtIsForgotten() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop, configuration(.milliseconds(500)))
            channel.connect()
            let waits = try ServiceConfig(
                text: #"{"loadBalancingConfig": [{"pick_first": {}}], "methodConfig": [{"name": [{}]}]}"#)
            resolver.find(
                Resolution(endpoints: fleet.addresses.map { Endpoint($0) }, serviceConfig: .success(waits)))
            #expect(await channel.call().error == nil)
            #expect(channel.snapshot.policy == "pick_first" && channel.snapshot.serviceConfig.methods == 1)
            await idle(channel, loop)
            #expect(channel.snapshot.policy == "round_robin" && channel.snapshot.serviceConfig.methods == 0)
            // A bad config is no better than at the very first.
            channel.connect()
            let bad = RPCError(.unavailable, "bad")
            #expect(resolver.find(Resolution(endpoints: [], serviceConfig: .failure(bad))) == .refused)
            #expect(await channel.call().error?.message == "dns:///test:80: bad")
            await fleet.stop()
            await channel.end()
        }
    }

    /// The watch of a server's health is no call of the channel's, and must not hold its connection open.
    @Test func healthChecksKeepNothingAwake() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            var configuration = configuration(.milliseconds(50))
            configuration.serviceConfig = try ServiceConfig(text: #"{"healthCheckConfig": {"serviceName": "a"}}"#)
            let channel = Channel.to(FakeResolver([server.address], on: loop), on: loop, configuration)
            await poll("it is watched", on: loop) {
                // A busy machine may not have come so far when the time was over.
                channel.connect()
                return server.peers.contains { $0.record.streams.count == 1 }
            }
            await idle(channel, loop)
            await poll("every connection is closed", on: loop) { server.peers.allSatisfy(\.isClosed) }
            server.stop()
            await channel.end()
        }
    }

    /// Descriptors may be missing when the resolver is made anew.
    @Test func aResolverThatCannotBeMadeIsTriedAgain() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let resolver = FakeResolver(fleet.addresses, on: loop)
            var problem: RPCError? = RPCError(.unavailable, "Too many open files")
            let make = { () throws(RPCError) -> any Resolver in
                if let problem { throw problem }
                return resolver
            }
            let channel = Channel(
                target: Target(scheme: "dns", endpoint: "test:80"), resolver: try make(),
                policy: RoundRobin(seed: 1), on: loop, configuration: configuration(.seconds(3600)))
            #expect(await channel.call().error?.message == "dns:///test:80: Too many open files")
            let patient = channel.start(TestMethods.echo, [7], CallOptions(waitForReady: true))
            problem = nil
            #expect(await patient.value.reply == [7])
            await fleet.stop()
            await channel.end()
        }
    }
}
