import Channelz
import Events
import LoadBalancing
import Protobuf
import ProtobufRPC
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import RPCTransport
import TestSupport
import Testing

/// A server, a channel to it, and one more of both to ask about them. Loop thread only.
private final class Stage {
    let loop: EventLoop
    let gate: Gate
    let server: RPCServer
    let channel: Channel
    private(set) var others: [Channel] = []
    private let answering: RPCServer
    private let asking: Channel

    init(on loop: EventLoop) throws {
        self.loop = loop
        gate = Gate(on: loop)
        server = try RPCServer.onLoop(loop, RPCRouter(echoing: gate))
        channel = Channel.to([server.address], on: loop)
        let directory = ChannelzDirectory()
        directory.add(server)
        directory.add(channel) { channel in
            [
                ChannelzEvent(channel: channel, description: "all", unixNanoseconds: 1),
                ChannelzEvent(
                    channel: channel, subchannel: 7, description: "seven", isWarning: true, unixNanoseconds: 2),
            ]
        }
        var router = RPCRouter()
        router.add(ChannelzServer(directory))
        answering = try RPCServer.onLoop(loop, router)
        asking = Channel.to([answering.address], on: loop)
    }

    /// Another connection.
    func connect() async {
        others.append(Channel.to([server.address], on: loop))
        _ = await others.last?.call()
    }

    func ask<Reply: ProtobufMessage>(
        _ method: MethodDescriptor, _ request: some ProtobufMessage, for type: Reply.Type = Reply.self
    ) async throws(RPCError) -> Reply { try await asking.unary(method, request) }

    /// The only subchannel's.
    var report: SubchannelReport? { channel.report.subchannels.first.flatMap { channel.subchannel($0.number) } }

    func channelNow() async throws -> ChannelMessage? {
        try await ask(
            Channelz.getChannel, GetChannelRequest(channelId: Int64(channel.number)), for: GetChannelResponse.self
        ).channel
    }

    func subchannelNow() async throws -> Subchannel? {
        guard let id = try await channelNow()?.subchannelRef.first?.subchannelId else { return nil }
        return try await ask(
            Channelz.getSubchannel, GetSubchannelRequest(subchannelId: id), for: GetSubchannelResponse.self
        ).subchannel
    }

    func socket(_ ref: SocketRef?) async throws -> Socket? {
        try await ask(
            Channelz.getSocket, GetSocketRequest(socketId: ref?.socketId ?? 0), for: GetSocketResponse.self
        ).socket
    }

    func serverSockets(from start: Int64 = 0, most: Int64 = 0) async throws -> GetServerSocketsResponse {
        try await ask(
            Channelz.getServerSockets,
            GetServerSocketsRequest(serverId: Int64(server.number), startSocketId: start, maxResults: most))
    }

    func end() async {
        for channel in [channel] + others { channel.shutdown() }
        await server.stop(grace: .zero)
        await answering.stop(grace: .zero)
        await asking.end()
    }
}

@Suite(.timeLimit(.minutes(5))) struct ChannelzServerTests {
    @Test func figuresAgreeWithTheCalls() async throws {
        try await withLoop { loop in
            let stage = try Stage(on: loop)
            for _ in 0..<3 { #expect(await stage.channel.call() == .success([1, 2, 3])) }
            for _ in 0..<2 { _ = await stage.channel.call(TestMethods.missing) }
            let held = stage.channel.start(TestMethods.wait)
            await stage.gate.arrival()

            let channel = try #require(try await stage.channelNow()?.data)
            #expect([channel.callsStarted, channel.callsSucceeded, channel.callsFailed] == [6, 3, 2])
            #expect(channel.target == "dns:///test:80" && channel.state?.state == .ready)
            #expect(channel.lastCallStartedTimestamp?.seconds != 0 && channel.trace?.creationTimestamp?.seconds != 0)
            let subchannel = try #require(try await stage.subchannelNow())
            let data = try #require(subchannel.data)
            #expect([data.callsStarted, data.callsSucceeded, data.callsFailed] == [6, 3, 2])
            let server = try await stage.ask(
                Channelz.getServer, GetServerRequest(serverId: Int64(stage.server.number)), for: GetServerResponse.self
            ).server?.data
            #expect([server?.callsStarted, server?.callsSucceeded, server?.callsFailed] == [6, 3, 2])

            // One connection, from either end; what failed has come to its end nevertheless.
            let near = try #require(try await stage.socket(subchannel.socketRef.first))
            let far = try #require(try await stage.socket(try await stage.serverSockets().socketRef.first))
            #expect(near.local == far.remote && near.remote == far.local && near.local != nil)
            #expect(near.ref?.name == far.ref?.name && near.ref?.socketId != far.ref?.socketId)
            for socket in [near, far] {
                let data = try #require(socket.data)
                #expect([data.streamsStarted, data.streamsSucceeded, data.streamsFailed] == [6, 5, 0])
                #expect(data.lastMessageSentTimestamp?.seconds != 0 && data.lastMessageReceivedTimestamp?.seconds != 0)
                #expect(data.localFlowControlWindow?.value ?? 0 > 60_000)
            }
            #expect([near.data?.messagesSent, near.data?.messagesReceived] == [6, 3])
            // A method that there is not reads no message.
            #expect([far.data?.messagesSent, far.data?.messagesReceived] == [3, 4])
            let never = ProtoTimestamp()
            #expect(near.data?.lastLocalStreamCreatedTimestamp != never)
            #expect(near.data?.lastRemoteStreamCreatedTimestamp == never)
            #expect(far.data?.lastLocalStreamCreatedTimestamp == never)
            #expect(far.data?.lastRemoteStreamCreatedTimestamp != never)

            held.cancel()
            _ = await held.value
            stage.gate.open()
            let after = try #require(try await stage.channelNow()?.data)
            #expect([after.callsStarted, after.callsSucceeded, after.callsFailed] == [6, 3, 3])
            #expect(try await stage.socket(subchannel.socketRef.first)?.data?.streamsFailed == 1)
            await stage.end()
        }
    }

    /// What was counted on a connection that is gone stays the server's.
    @Test func aServersFiguresOutliveItsConnections() async throws {
        try await withLoop { loop in
            let stage = try Stage(on: loop)
            await stage.connect()
            stage.others[0].shutdown()
            #expect(await stage.channel.call() == .success([1, 2, 3]))
            // The first one's end takes its time.
            while try await stage.serverSockets().socketRef.count > 1 {}
            let calls = await stage.server.calls()
            #expect(calls.started == 2 && calls.succeeded == 2 && calls.failed == 0)
            await stage.end()
        }
    }

    @Test func socketsComeInPages() async throws {
        try await withLoop { loop in
            let stage = try Stage(on: loop)
            for _ in 0..<3 { await stage.connect() }
            #expect(await stage.channel.call() == .success([1, 2, 3]))
            let all = try await stage.serverSockets()
            let ids = all.socketRef.map(\.socketId)
            #expect(ids.count == 4 && ids == ids.sorted() && Set(ids).count == 4 && all.end)
            let first = try await stage.serverSockets(most: 3)
            #expect(first.socketRef.map(\.socketId) == Array(ids[..<3]) && !first.end)
            let rest = try await stage.serverSockets(from: ids[2] + 1, most: 3)
            #expect(rest.socketRef.map(\.socketId) == [ids[3]] && rest.end)
            await #expect(throws: RPCError(.invalidArgument, "max_results is -1, and must not be negative")) {
                try await stage.serverSockets(most: -1)
            }
            await stage.end()
        }
    }

    /// No two things have one number, so that an id of another kind is as unknown as none.
    @Test func whatThereIsNotIsNotFound() async throws {
        try await withLoop { loop in
            let stage = try Stage(on: loop)
            #expect(await stage.channel.call() == .success([1, 2, 3]))
            let server = Int64(stage.server.number)
            await #expect(throws: RPCError(.notFound, "there is no channel with the id \(server), or no more")) {
                try await stage.ask(
                    Channelz.getChannel, GetChannelRequest(channelId: server), for: GetChannelResponse.self)
            }
            await #expect(throws: RPCError(.notFound, "there is no subchannel with the id 0, or no more")) {
                try await stage.ask(
                    Channelz.getSubchannel, GetSubchannelRequest(), for: GetSubchannelResponse.self)
            }
            await #expect(throws: RPCError(.notFound, "there is no socket with the id \(server), or no more")) {
                try await stage.ask(Channelz.getSocket, GetSocketRequest(socketId: server), for: GetSocketResponse.self)
            }
            let channel = Int64(stage.channel.number)
            await #expect(throws: RPCError(.notFound, "there is no server with the id \(channel), or no more")) {
                try await stage.ask(
                    Channelz.getServerSockets, GetServerSocketsRequest(serverId: channel),
                    for: GetServerSocketsResponse.self)
            }
            await #expect(throws: RPCError(.invalidArgument, "server_id is -9, and must not be negative")) {
                try await stage.ask(Channelz.getServer, GetServerRequest(serverId: -9), for: GetServerResponse.self)
            }
            await stage.end()
        }
    }

    @Test func aConnectionThatDrainsIsASocketStill() async throws {
        try await withLoop { loop in
            let stage = try Stage(on: loop)
            let held = stage.channel.start(TestMethods.wait)
            await stage.gate.arrival()
            let stopping = Task.immediateDetached(executorPreference: loop) { [server = stage.server] in
                await server.stop(grace: .seconds(10))
            }
            await poll("GOAWAY has come", on: loop) { stage.report?.state != .ready }
            let subchannel = try #require(try await stage.subchannelNow())
            let socket = try await stage.socket(subchannel.socketRef.first)
            #expect(socket?.data?.receivedGoawayError?.value == 0)
            stage.gate.open()
            #expect(await held.value == .success([1, 2, 3]))
            await stopping.value
            await poll("the connection is gone", on: loop) {
                stage.report?.sockets.isEmpty != false
            }
            await stage.end()
        }
    }

    @Test func aTraceTellsWhomItIsAbout() async throws {
        try await withLoop { loop in
            let stage = try Stage(on: loop)
            #expect(await stage.channel.call() == .success([1, 2, 3]))
            let trace = try #require(try await stage.channelNow()?.data?.trace)
            #expect(trace.events.map(\.description) == ["all", "seven"])
            #expect(trace.events.map(\.severity) == [.ctInfo, .ctWarning])
            #expect(trace.events.map(\.childRef) == [nil, .subchannelRef(SubchannelRef(subchannelId: 7))])
            // Found, connected, and the states on the way.
            #expect(trace.numEventsLogged == 4)
            let own = try #require(try await stage.subchannelNow()?.data?.trace)
            #expect(own.events.isEmpty && own.numEventsLogged == 1)
            await stage.end()
        }
    }

    /// Whoever asks nothing does not keep a place from probes, which come to the same port.
    @Test(arguments: [(nil, 75), (.seconds(300), 75), (.seconds(5), 5)] as [(Duration?, Int)])
    func aConnectionWithoutCallsEnds(own: Duration?, expected: Int) {
        var configuration = RPCServer.Configuration()
        configuration.lifecycle.maxIdle = own
        configuration.lifecycle.maxAge = .seconds(30)
        let limits = ChannelzDirectory.limits(from: configuration)
        #expect(limits.lifecycle.maxIdle == .seconds(expected) && limits.lifecycle.maxAge == .seconds(30))
        #expect(limits.maxMessageBytes == 64 << 10)
    }
}
