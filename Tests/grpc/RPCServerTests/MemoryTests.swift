import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// What clients may make a server hold. The room is 4 MiB, of which a connection gets one.
@Suite(.timeLimit(.minutes(5))) struct MemoryTests {
    private static let room = 4 << 20
    private let echo = requestHead(TestMethods.echo.path)

    /// A server with this patience, and the loop it is on.
    private func withServer(
        timeout: Duration = .seconds(60), gate: Bool = false,
        _ body: @escaping @Sendable (EventLoop, RPCServer, Gate) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            var configuration = RPCServer.Configuration()
            configuration.messageBufferBytes = MemoryTests.room
            configuration.messageTimeout = timeout
            let gate = Gate(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: gate), configuration)
            try await body(loop, server, gate)
            gate.open()
            await server.stop(grace: .zero)
        }
    }

    private func body(_ count: Int) -> [UInt8] { frame([UInt8](repeating: 1, count: count)) }

    @Test func aMessageForWhichThereIsNoRoomEndsAndItsRoomIsFree() async throws {
        try await withServer { loop, server, _ in
            let client = try RawPeer(to: server.address, on: loop)
            let large = try client.request(echo, body: body(1 << 20))
            await client.watch.until("the answer") { large.isClosed }
            #expect(large.value(of: "grpc-status") == "8")
            #expect(large.value(of: "grpc-message")?.hasPrefix("no room for the message") == true)
            // Time and again: nothing of it is still counted.
            for _ in 0..<10 {
                let fits = try client.request(echo, body: body(500_000))
                await client.watch.until("the answer") { fits.isClosed }
                #expect(fits.value(of: "grpc-status", block: 1) == "0")
            }
            client.close()
        }
    }

    @Test func aReplyForWhichThereIsNoRoomIsAnError() async throws {
        try await withServer { loop, server, _ in
            var closed = HTTP2Configuration.defaults
            closed.initialWindow = 0
            let client = try RawPeer(to: server.address, on: loop, closed)
            var calls: [StreamRecord] = []
            for _ in 0..<3 {
                let call = try client.request(echo, body: body(400_000))
                await client.watch.until("the head of the answer") { call.blocks.count == 1 }
                calls.append(call)
            }
            // Two replies wait for windows that do not come.
            #expect(calls[2].value(of: "grpc-status") == "8")
            await client.watch.until("its end") { calls[2].isClosed }
            #expect(!calls[0].isClosed && !calls[1].isClosed)
            // The connection is read all the same: what is given up is free again.
            for call in calls { client.reset(call, .cancel) }
            let next = try client.request(echo, body: body(400_000))
            await poll("the reply that waits", on: loop) { next.blocks.count == 1 }
            client.close()
        }
    }

    @Test func aHandlersRequestCountsUntilItReturns() async throws {
        try await withServer { loop, server, gate in
            let client = try RawPeer(to: server.address, on: loop)
            let wait = requestHead(TestMethods.wait.path)
            let held = try (0..<2).map { _ in try client.request(wait, body: body(480_000)) }
            await gate.arrival(2)
            // Given up by the client, but not by their handlers.
            for call in held { client.reset(call, .cancel) }
            let late = try client.request(echo, body: body(200_000))
            await client.watch.until("the answer") { late.isClosed }
            #expect(late.value(of: "grpc-status") == "8")
            gate.open()
            // In some turn of the loop they return.
            var next = late
            while next.value(of: "grpc-status", block: 1) != "0" {
                next = try client.request(echo, body: body(400_000))
                await client.watch.until("the answer") { next.isClosed }
            }
            client.close()
        }
    }

    /// 2 KiB on the wire, and 1 MiB for the handler.
    @Test func aCompressedRequestCountsAsWhatItExpandsTo() async throws {
        try await withServer { loop, server, gate in
            let client = try RawPeer(to: server.address, on: loop)
            func compressed(_ count: Int) throws -> [UInt8] {
                var message = OutgoingMessage(copying: [UInt8](repeating: 0, count: count).span)
                try message.seal(as: .gzip)
                return message.buffer
            }
            func request(_ method: MethodDescriptor, _ count: Int) throws -> StreamRecord {
                try client.request(requestHead(method.path, [("grpc-encoding", "gzip")]), body: compressed(count))
            }
            let held = try (0..<2).map { _ in try request(TestMethods.wait, 480_000) }
            await gate.arrival(2)
            let late = try request(TestMethods.echo, 200_000)
            await client.watch.until("the answer") { late.isClosed }
            #expect(late.value(of: "grpc-status") == "8")
            #expect(late.value(of: "grpc-message")?.hasPrefix("no room for the message") == true)
            gate.open()
            await client.watch.until("their answers") { held.allSatisfy(\.isClosed) }
            // Time and again: nothing of it is still counted.
            for _ in 0..<10 {
                let fits = try request(TestMethods.echo, 500_000)
                await client.watch.until("the answer") { fits.isClosed }
                #expect(fits.value(of: "grpc-status", block: 1) == "0")
            }
            client.close()
        }
    }

    @Test func aCallForWhichThereIsNoRoomIsRefused() async throws {
        try await withLoop { loop in
            var configuration = RPCServer.Configuration()
            configuration.messageBufferBytes = MemoryTests.room
            configuration.http2.maxConcurrentStreams = 1000
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), configuration)
            let client = try RawPeer(to: server.address, on: loop)
            await client.watch.until("SETTINGS") { client.record.settings == 1 }
            let calls = try (0..<150).map { _ in try client.request(echo, body: nil) }
            await client.watch.until("the last one's end") { calls[149].isClosed }
            // A quarter of the room has space for 128 calls of 8 KiB.
            #expect(
                calls.map(\.closings) == Array(repeating: [], count: 128)
                    + Array(repeating: [.refusedStream], count: 22))
            client.close()
            await server.stop(grace: .zero)
        }
    }

    @Test func aRequestToWhichNothingIsAddedEnds() async throws {
        try await withServer(timeout: .milliseconds(20)) { loop, server, _ in
            let client = try RawPeer(to: server.address, on: loop)
            let stalled = try client.request(echo, body: nil)
            client.session.send([0, 0, 0, 0, 10, 1, 2], on: try #require(stalled.stream))
            client.flush()
            await client.watch.until("the answer") { stalled.isClosed }
            #expect(stalled.value(of: "grpc-status") == "4")
            #expect(stalled.value(of: "grpc-message") == "nothing was added to the request for 20ms")
            client.close()
        }
    }

    @Test func aReplyThatIsNotTakenEndsWhenRoomIsShort() async throws {
        // The time counts for the requests, too, and those get on.
        try await withServer(timeout: .seconds(1)) { loop, server, _ in
            var closed = HTTP2Configuration.defaults
            closed.initialWindow = 0
            let client = try RawPeer(to: server.address, on: loop, closed)
            let stalled = try client.request(echo, body: body(400_000))
            await client.watch.until("the reply's head") { stalled.blocks.count == 1 }
            // Somebody finds no room, until the one that stalls has been ended.
            while !stalled.isClosed {
                let more = try client.request(echo, body: body(700_000))
                await client.watch.until("the answer") { more.isClosed || more.blocks.count == 1 }
                client.reset(more, .cancel)
            }
            #expect(stalled.closings == [.enhanceYourCalm])
            client.close()
        }
    }

    @Test func connectionsBeyondTheLimitWaitToBeAccepted() async throws {
        try await withLoop { loop in
            var configuration = RPCServer.Configuration()
            configuration.maxConnections = 2
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), configuration)
            let first = try (0..<2).map { _ in try RawPeer(to: server.address, on: loop) }
            for client in first { await client.watch.until("SETTINGS") { client.record.settings == 1 } }
            let third = try RawPeer(to: server.address, on: loop)
            let call = try first[0].request(echo, body: body(1))
            await first[0].watch.until("an answer") { call.isClosed }
            #expect(third.record.settings == 0)
            first[1].close()
            await third.watch.until("SETTINGS") { third.record.settings == 1 }
            first[0].close()
            third.close()
            await server.stop(grace: .zero)
        }
    }
}
