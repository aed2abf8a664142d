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

/// Servers of raw HTTP/2 whose health a test sets.
@Suite(.timeLimit(.minutes(5))) struct HealthCheckTests {
    /// One server: its watches stay open, and calls are answered.
    private final class Server {
        private(set) var raw: RawServer?
        /// Of the health service, in order, each with the peer that it is on.
        private(set) var watches: [(peer: RawPeer, stream: StreamRecord)] = []
        private(set) var calls = 0
        var watched: (RawPeer, StreamRecord) -> Void = { _, _ in }

        init(on loop: EventLoop) throws {
            raw = try RawServer.answering(on: loop) { [unowned self] _, peer, stream in
                if stream.value(of: ":path") == "/grpc.health.v1.Health/Watch" {
                    watches.append((peer, stream))
                    watched(peer, stream)
                } else {
                    calls += 1
                    peer.answer(stream, [8])
                }
            }
        }

        var address: SocketAddress { raw?.address ?? .loopback }

        /// Answers the last watch; the head goes with the first answer.
        func say(_ status: UInt8, isFirst: Bool = true) {
            guard let (peer, record) = watches.last, let stream = record.stream else { return }
            if isFirst {
                peer.session.respond(
                    stream, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]))
            }
            peer.session.send(frame(status == 0 ? [] : [8, status]), on: stream)
            peer.flush()
        }

        /// Ends the last watch with trailers only.
        func refuse(_ code: StatusCode) {
            guard let (peer, record) = watches.last, let stream = record.stream else { return }
            let status = ("grpc-status", "\(code.rawValue)")
            let fields = [(":status", "200"), ("content-type", "application/grpc"), status]
            peer.session.respondAndEnd(stream, HeaderBlock(fields))
            peer.flush()
        }

        func stop() {
            raw?.stop()
            raw = nil
        }
    }

    private static let serving: UInt8 = 1
    private static let notServing: UInt8 = 2

    private func configuration(_ service: String = "test.Service") throws -> ChannelConfiguration {
        var configuration = ChannelConfiguration.quick
        configuration.serviceConfig = try ServiceConfig(
            text: #"{"healthCheckConfig": {"serviceName": "\#(service)"}}"#)
        return configuration
    }

    @Test func theServerThatIsNotServingGetsNoCallsUntilItServesAgain() async throws {
        try await withLoop { loop in
            let servers = [try Server(on: loop), try Server(on: loop)]
            let channel = Channel.to(servers.map(\.address), on: loop, try configuration())
            for server in servers {
                await poll("a watch", on: loop) { server.watches.count == 1 }
                #expect(server.watches[0].stream.data == frame([10, 12] + Array("test.Service".utf8)))
                server.say(HealthCheckTests.serving)
            }
            await poll("both serving", on: loop) {
                channel.snapshot.subchannels.count { $0.health == .serving } == 2
            }
            for _ in 0..<10 { #expect(await channel.call().reply == [8]) }
            #expect(servers.map(\.calls) == [5, 5])

            servers[0].say(HealthCheckTests.notServing, isFirst: false)
            let reason = RPCError(.unavailable, "its health service says of test.Service: NOT_SERVING")
            await poll("NOT_SERVING", on: loop) {
                channel.snapshot.subchannels.contains { $0.health == .notServing(reason) }
            }
            // From the very moment on.
            for _ in 0..<10 { #expect(await channel.call().reply == [8]) }
            #expect(servers.map(\.calls) == [5, 15])
            // The connection stays.
            #expect(channel.snapshot.subchannels.map(\.state) == [.ready, .ready])
            #expect(servers[0].raw?.peers.count == 1)

            servers[0].say(HealthCheckTests.serving, isFirst: false)
            await poll("serving", on: loop) { channel.snapshot.subchannels.allSatisfy { $0.health == .serving } }
            for _ in 0..<10 { #expect(await channel.call().reply == [8]) }
            #expect(servers.map(\.calls) == [10, 20])
            // The watches are none of the channel's calls.
            #expect(channel.snapshot.subchannels.map(\.picks).reduce(0, +) == 30)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0, 0])
            for server in servers { server.stop() }
            await channel.end()
        }
    }

    @Test func callsWaitForTheFirstAnswer() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            let channel = Channel.to([server.address], on: loop, try configuration())
            let call = channel.start()
            await poll("the watch", on: loop) { server.watches.count == 1 }
            #expect(channel.snapshot.state == .connecting)
            #expect(channel.snapshot.queued == 1)
            server.say(HealthCheckTests.serving)
            #expect(await call.value.reply == [8])
            server.stop()
            await channel.end()
        }
    }

    @Test func whenNobodyServesCallsFailWithTheReason() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            server.watched = { [unowned server] _, _ in server.say(HealthCheckTests.notServing) }
            let channel = Channel.to([server.address], on: loop, try configuration(""))
            let error = await channel.call().error
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("its health service says NOT_SERVING") == true)
            #expect(server.calls == 0)
            server.stop()
            await channel.end()
        }
    }

    @Test func aServerWithoutTheServiceIsCalled() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            server.watched = { [unowned server] _, _ in server.refuse(.unimplemented) }
            let channel = Channel.to([server.address], on: loop, try configuration())
            #expect(await channel.call().reply == [8])
            #expect(server.watches.count == 1)
            server.stop()
            await channel.end()
        }
    }

    @Test func aWatchThatFailsIsBegunAgain() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            server.watched = { [unowned server] _, _ in
                if server.watches.count < 3 { server.refuse(.internal) } else { server.say(HealthCheckTests.serving) }
            }
            let channel = Channel.to([server.address], on: loop, try configuration())
            let patient = channel.start(TestMethods.echo, [1], CallOptions(waitForReady: true))
            #expect(await patient.value.reply == [8])
            #expect(server.watches.count == 3)
            #expect(server.raw?.peers.count == 1)
            server.stop()
            await channel.end()
        }
    }

    /// A watch has no end, and would hold the connection open that its server wants to close.
    @Test func aConnectionThatDrainsIsNotWatched() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            server.watched = { [unowned server] _, _ in server.say(HealthCheckTests.serving) }
            let channel = Channel.to([server.address], on: loop, try configuration())
            #expect(await channel.call().reply == [8])
            let (peer, watch) = server.watches[0]
            peer.session.goAway(.noError)
            peer.flush()
            await poll("the watch's end", on: loop) { watch.isClosed }
            #expect(watch.closings == [.cancel])
            #expect(await channel.call().reply == [8])
            // On the next connection, which is watched as well.
            #expect(server.watches.count == 2)
            server.stop()
            await channel.end()
        }
    }

    @Test func pickFirstGoesByTheConnectionAlone() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            let channel = Channel.to([server.address], .pickFirst, on: loop, try configuration())
            #expect(await channel.call().reply == [8])
            #expect(server.watches.isEmpty)
            #expect(channel.snapshot.subchannels.map(\.health) == [nil])
            server.stop()
            await channel.end()
        }
    }

    /// The old policy serves by the old service's health until the new one has the new service's.
    @Test func anotherPolicyAndAnotherServiceAtOnceLeaveNoGap() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            channel.connect()
            var config = ServiceConfig(policy: LoadBalancingConfiguration(.roundRobin))
            config.healthCheckService = "a"
            resolver.find(Resolution(endpoints: [Endpoint(server.address)], serviceConfig: .success(config)))
            await poll("a watch", on: loop) { server.watches.count == 1 }
            server.say(HealthCheckTests.serving)
            await poll("READY", on: loop) { channel.snapshot.state == .ready }
            config = ServiceConfig(policy: LoadBalancingConfiguration(.leastRequest))
            config.healthCheckService = "b"
            resolver.find(Resolution(endpoints: [Endpoint(server.address)], serviceConfig: .success(config)))
            // Health changes again while there are two.
            config.healthCheckService = "c"
            await poll("the new one's watch", on: loop) { server.watches.count == 2 }
            resolver.find(Resolution(endpoints: [Endpoint(server.address)], serviceConfig: .success(config)))
            await poll("its next watch", on: loop) { server.watches.count == 3 }
            let services = server.watches.map { $0.stream.data.last }
            #expect(services == ["a", "b", "c"].map { UInt8(ascii: $0) })
            #expect(channel.snapshot.state == .ready && channel.snapshot.policy == "round_robin")
            #expect(await channel.call().reply == [8])
            server.say(HealthCheckTests.serving)
            await poll("the new one serves", on: loop) { channel.snapshot.policy == "least_request" }
            #expect(await channel.call().reply == [8])
            #expect(channel.snapshot.subchannels.map(\.health) == [.serving])
            server.stop()
            await channel.end()
        }
    }

    @Test func anotherConfigEndsAndBeginsWatches() async throws {
        try await withLoop { loop in
            let server = try Server(on: loop)
            server.watched = { [unowned server] _, _ in server.say(HealthCheckTests.notServing) }
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            channel.connect()
            var config = ServiceConfig()
            config.healthCheckService = "a"
            resolver.find(Resolution(endpoints: [Endpoint(server.address)], serviceConfig: .success(config)))
            #expect(await channel.call().error?.code == .unavailable)
            resolver.find([server.address])
            #expect(await channel.call().reply == [8])
            await poll("the watch's end", on: loop) { server.watches.last?.stream.isClosed == true }
            resolver.find(Resolution(endpoints: [Endpoint(server.address)], serviceConfig: .success(config)))
            await poll("a watch", on: loop) { server.watches.count == 2 }
            await poll("NOT_SERVING", on: loop) { channel.snapshot.state == .transientFailure }
            server.stop()
            await channel.end()
        }
    }
}
