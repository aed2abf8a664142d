import Events
import HTTP
import HTTPTransport
import Synchronization
import System
import TestSupport
import Testing

/// Repeats what it is sent, until `end`. Loop thread only.
private final class Parrot: StreamServer, ByteStreamDelegate {
    let opening = Array("HELLO\r\n".utf8)
    var ended: () -> Void = {}
    private(set) var taken: [String] = []
    private(set) var isDrained = false
    private var streams: [any ByteStream] = []

    func take(_ stream: any ByteStream, after bytes: Span<UInt8>) {
        streams.append(stream)
        taken.append(String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self))
        stream.delegate = self
        stream.write(bytes)
    }

    func drain() { isDrained = true }
    func closeAll() { for stream in streams { stream.close() } }

    func streamReceived(_ bytes: Span<UInt8>) { streams.last?.write(bytes) }
    func streamReachedEnd() { streams.last?.close() }
    func streamClosed(_ error: SystemError?) { ended() }
}

/// A server that hands connections with a certain beginning to somebody else.
@Suite(.timeLimit(.minutes(5))) struct HTTPGuestTests {
    private func server(
        on loop: EventLoop, guest: Parrot?, _ configuration: HTTPServerConfiguration = .defaults
    ) throws -> HTTPServer {
        let guest = LoopBound(guest, on: loop)
        return try HTTPServer(
            on: loopback, loop: loop, configuration: configuration, acceptor: TestStreams.acceptor,
            makeGuest: { _ in guest.value }
        ) { _ in
            var router = HTTPRouter()
            router.on(.get, "/hello") { _ in .text(.ok, "hello") }
            for method in [HTTPMethod.post, .put] {
                router.on(method, "/echo") { HTTPResponse(status: .ok, body: $0.body) }
            }
            return router
        }
    }

    @Test func theGuestGetsEveryByte() async throws {
        try await onLoop { loop in
            let guest = Parrot()
            let server = try self.server(on: loop, guest: guest)
            let whole = try RawPeer(to: server.address, on: loop)
            await whole.send("HELLO\r\nand more")
            await whole.receive("HELLO\r\nand more")
            whole.close()
            let torn = try RawPeer(to: server.address, on: loop)
            for piece in ["HE", "LLO", "\r", "\nand", " more"] {
                await torn.send(piece)
                // A turn of the loop, in which the server reads what there is.
                try await loop.sleep(for: .zero)
            }
            await torn.receive("HELLO\r\nand more")
            torn.close()
            await server.stop(grace: .seconds(5))
            #expect(server.connectionCount == 0)
        }
    }

    /// Each byte arrives by itself: the server has read the one before when the next is sent.
    @Test(arguments: ["HEAD /hello", "POST /echo", "PUT /echo", "HELLO /hello"])
    func requestsThatBeginAlikeAreAnsweredAsBefore(line: String) async throws {
        let request = "\(line) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"
        let answers = Mutex<[String]>([])
        try await onLoop { loop in
            for guest in [nil, Parrot()] {
                let server = try self.server(on: loop, guest: guest)
                let peer = try RawPeer(to: server.address, on: loop)
                for character in request.unicodeScalars {
                    await peer.send(String(character))
                    // A turn of the loop, in which the server reads what there is.
                    try await loop.sleep(for: .zero)
                }
                let answer = await peer.receiveAll()
                answers.withLock { $0.append("\(answer.prefix { $0 != "\r\n" }) \(answer.suffix(20))") }
                #expect(guest?.taken.isEmpty != false)
                await server.stop(grace: .seconds(5))
            }
        }
        #expect(answers.withLock { $0[0] == $0[1] })
    }

    @Test func halfAnOpeningHasTheTimeThatAHeaderHas() async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.limits.headerReadTime = .seconds(1)
            let guest = Parrot()
            let server = try self.server(on: loop, guest: guest, configuration)
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send("HELLO\r")
            #expect(await peer.receiveAll().hasPrefix("HTTP/1.1 408 "))
            #expect(guest.taken.isEmpty)
            await server.stop(grace: .seconds(5))
        }
    }

    /// It counts as the server's connection: for the limit, and until the end.
    @Test func theServerEndsTheGuestsConnections() async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.maximumConnections = 1
            let guest = Parrot()
            let server = try self.server(on: loop, guest: guest, configuration)
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send("HELLO\r\n")
            await peer.receive("HELLO")
            #expect(server.connectionCount == 1)
            let second = try RawPeer(to: server.address, on: loop)
            await second.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            peer.close()
            #expect(await second.receiveAll().hasPrefix("HTTP/1.1 200 "))

            let third = try RawPeer(to: server.address, on: loop)
            await third.send("HELLO\r\n")
            await third.receive("HELLO")
            #expect(!guest.isDrained)
            await server.stop(grace: .zero)
            #expect(guest.isDrained && server.connectionCount == 0)
            await third.wait(until: \.isClosed)
        }
    }
}
