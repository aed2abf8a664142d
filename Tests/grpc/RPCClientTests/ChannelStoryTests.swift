import Addresses
import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing

/// Writes down a channel's events. Loop thread only.
private final class StoryRecord: ClientTracer {
    private(set) var events: [ChannelEvent] = []
    private(set) var reports: [String] = []

    func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? { nil }
    func channelEvent(_ event: ChannelEvent) { events.append(event) }
    func resolverReported(lookups: Int, hasFailed: Bool) { reports.append("\(lookups)\(hasFailed ? " failed" : "")") }

    var names: [String] { events.map(\.name) }
    func named(_ name: String) -> [ChannelEvent] { events.filter { $0.name == name } }
}

extension ChannelConfiguration {
    /// A busy machine must not end the wait for a second GOAWAY.
    fileprivate static var patient: ChannelConfiguration {
        var configuration = ChannelConfiguration.quick
        configuration.goAwayPatience = .seconds(3600)
        return configuration
    }
}

@Suite(.timeLimit(.minutes(5))) struct ChannelStoryTests {
    @Test func aChannelsWholeLife() async throws {
        try await withLoop { loop in
            let record = StoryRecord()
            let fleet = try Fleet(2, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop, tracers: [record])
            channel.connect()
            resolver.find(fleet.addresses)
            await poll("both", on: loop) { record.named("connected").count == 2 }
            #expect(record.names == ["state", "addresses", "connected", "state", "connected"])
            // The same set in another order is nothing new.
            resolver.find(fleet.addresses.reversed())
            #expect(record.events.count == 5)
            resolver.find([fleet.addresses[1]])
            #expect(record.names.suffix(2) == ["addresses", "connection-closed"])
            #expect(record.events.last?.address == fleet.addresses[0])
            #expect(record.events.last?.reason == "its address is no longer wanted")
            resolver.fail("no such name")
            #expect(record.names.last == "lookup-failed" && record.events.last?.reason == "no such name")
            #expect(record.reports == ["0", "0", "0", "0 failed"])
            resolver.fail(String(repeating: "long ", count: 20_000))
            #expect(record.events.last?.reason?.count == 1001)
            // One that the resolver does not report, since what it has found before stands.
            resolver.lookupFailed?(RPCError(.unavailable, "etcd is away"))
            #expect(record.names.last == "lookup-failed" && record.events.last?.reason == "etcd is away")
            channel.shutdown()
            #expect(record.names.suffix(2) == ["connection-closed", "state"])
            #expect(record.named("state").last?.kind == .state(from: .ready, to: .shutdown))
            await fleet.stop()
            await channel.end()
        }
    }

    /// A connection without calls closes at the first GOAWAY, and its event waits for nothing.
    private func openCall(
        on channel: Channel, to server: RawServer, _ loop: EventLoop
    ) async -> Task<Result<[UInt8], RPCError>, Never> {
        let call = channel.start()
        await poll("the call", on: loop) { server.peers[0].record.streams.count == 1 }
        return call
    }

    /// nghttp2's servers say why only in the second GOAWAY; what comes in between waits, so that the cause stands before
    /// the effect.
    @Test func aGracefulGoAwayWaitsForItsReason() async throws {
        try await withLoop { loop in
            let record = StoryRecord()
            let server = try RawServer(on: loop) { _ in }
            let channel = Channel.to([server.address], on: loop, .patient, tracers: [record])
            await poll("connected", on: loop) { record.names.last == "state" && record.events.count == 4 }
            // The second one when the client has answered the PING of the first: a round trip later.
            let peer = server.peers[0]
            let changed = peer.record.changed
            var isSaid = false
            peer.record.changed = { [unowned peer] in
                changed()
                guard !isSaid, peer.record.pingAcks == [7] else { return }
                isSaid = true
                peer.session.goAway(.noError, debugData: "max_age")
                peer.flush()
            }
            let call = await openCall(on: channel, to: server, loop)
            peer.session.announceShutdown(thenPing: 7)
            peer.flush()
            await poll("connected anew", on: loop) { record.named("connected").count == 2 }
            #expect(
                record.names == ["state", "addresses", "connected", "state", "goaway", "state", "connected"]
                    || record.names
                        == ["state", "addresses", "connected", "state", "goaway", "state", "connected", "state"]
            )
            let event = try #require(record.named("goaway").first)
            #expect(event.reason == "max_age" && event.code == "NO_ERROR")
            #expect(channel.snapshot.subchannels.first?.lastGoAway?.reason.hasPrefix("max_age: ") == true)
            call.cancel()
            _ = await call.value
            server.stop()
            await channel.end()
        }
    }

    /// One that never gives it holds nothing up for long, and one that closes not at all.
    @Test(arguments: [true, false])
    func aGracefulGoAwayWithoutReasonIsToldAllTheSame(closes: Bool) async throws {
        try await withLoop { loop in
            let record = StoryRecord()
            let server = try RawServer(on: loop) { _ in }
            let channel = Channel.to([server.address], on: loop, closes ? .patient : .quick, tracers: [record])
            await poll("connected", on: loop) { record.events.count == 4 }
            let call = await openCall(on: channel, to: server, loop)
            server.peers[0].session.announceShutdown(thenPing: 7)
            server.peers[0].flush()
            await poll("it has come", on: loop) { server.peers.count == 2 }
            if closes {
                #expect(record.events.count == 4)
                server.peers[0].close()
            }
            await poll("told", on: loop) { record.named("connected").count == 2 }
            let event = try #require(record.named("goaway").first)
            #expect(event.reason == "the server ends the connection in order")
            #expect(record.names.prefix(6).suffix(2) == ["goaway", "state"])
            #expect(record.events == record.events.sorted { $0.unixNanoseconds < $1.unixNanoseconds })
            call.cancel()
            _ = await call.value
            server.stop()
            await channel.end()
        }
    }

    @Test func whatWaitsIsToldWhenTheChannelEnds() async throws {
        try await withLoop { loop in
            let record = StoryRecord()
            let server = try RawServer(on: loop) { _ in }
            let channel = Channel.to([server.address], on: loop, .patient, tracers: [record])
            await poll("connected", on: loop) { record.events.count == 4 }
            let call = await openCall(on: channel, to: server, loop)
            server.peers[0].session.announceShutdown(thenPing: 7)
            server.peers[0].flush()
            await poll("it has come", on: loop) { server.peers.count == 2 }
            channel.shutdown()
            #expect(record.names.contains("goaway") && record.names.last == "state")
            call.cancel()
            _ = await call.value
            server.stop()
            await channel.end()
        }
    }
}
