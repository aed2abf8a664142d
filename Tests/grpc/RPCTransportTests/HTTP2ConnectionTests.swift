import Bytes
import Events
import HTTP2
import RPCTestSupport
import RPCTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTP2ConnectionTests {
    @Test func largeBodiesBothWays() async throws {
        try await withLoop { loop in
            let body = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 >> 5) }
            let server = try RawServer(on: loop) { peer in
                peer.record.requestEnded = { [unowned peer] in peer.answer($0, $0.data) }
            }
            let client = try RawPeer(to: server.address, on: loop)
            let stream = try client.request(requestHead("/x"), body: body)
            await client.watch.until("the answer") { stream.isClosed }
            #expect(stream.data == frame(body))
            server.stop()
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func aPeerThatDoesNotReadIsNotReadFromEither() async throws {
        try await withLoop { loop in
            var wide = HTTP2Configuration.defaults
            wide.initialWindow = 64 * 1024 * 1024
            wide.connectionWindow = 64 * 1024 * 1024
            let server = try RawServer(on: loop, wide) { _ in }
            let line = ByteRecord(on: loop)
            try line.connect(to: server.address)
            await server.watch.until("a connection") { server.peers.count == 1 }
            let peer = server.peers[0]
            // A client with a wide window that sends one request, and then stops to read.
            let client = try SessionRecord(.client, wide)
            _ = try client.request(requestHead("/x"), body: frame([]))
            var bytes: [UInt8] = []
            try client.session.drain(into: &bytes, limit: .max)
            line.isReading = false
            line.send(bytes)
            await peer.watch.until("the request") { server.requests.first?.inputEnded == true }
            let stream = try #require(server.requests.first?.stream)
            peer.answer(server.requests[0], Array(repeating: 7, count: 32 * 1024 * 1024))
            // What the kernel takes has left; the rest waits in the stream, not in a buffer of the connection.
            let total = 32 * 1024 * 1024
            await poll("the socket is full", on: loop) { stream.pendingBytes < total }
            try await loop.sleep(for: .milliseconds(20))
            #expect(stream.pendingBytes > total / 2)
            // PINGs that come now are not even looked at.
            line.send([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
            try await loop.sleep(for: .milliseconds(20))
            #expect(peer.record.pings == 0)
            // And when it reads again, all of it goes on.
            line.isReading = true
            await line.watch.until("all of it") { line.received.count > total }
            await peer.watch.until("the end of the stream") { server.requests[0].isClosed }
            await poll("the ping", on: loop) { peer.record.pings == 1 }
            server.stop()
            line.close()
            await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
        }
    }

    @Test func aGoAwayArrivesBeforeTheEnd() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            let line = ByteRecord(on: loop)
            try line.connect(to: server.address)
            let client = try SessionRecord(.client)
            var bytes: [UInt8] = []
            try client.session.drain(into: &bytes, limit: .max)
            line.send(bytes)
            // A PING of three bytes.
            line.send([0, 0, 3, 6, 0, 0, 0, 0, 0, 1, 2, 3])
            await line.watch.until("the end") { line.isClosed }
            let received = line.received
            try client.session.receive(received.span)
            #expect(client.goAways.map(\.code) == [HTTP2ErrorCode(rawValue: 6)])
            await poll("the server has closed", on: loop) { server.peers[0].isClosed }
            server.stop()
        }
    }
}
