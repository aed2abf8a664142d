import Addresses
import Events
import HTTP
import HTTPTransport
import Synchronization
import TestSupport
import Testing

/// What a server tells of its requests, for log and metrics.
@Suite(.timeLimit(.minutes(5))) struct HTTPAccessTests {
    /// Everything that a server with one route told until its last client had left.
    private func accesses(
        responseWriteTime: Duration = .seconds(60), _ respond: @escaping @Sendable (EventLoop) async -> HTTPResponse,
        client: @escaping @Sendable (RawPeer) async -> Void
    ) async throws -> [HTTPAccess] {
        let accesses = Mutex<[HTTPAccess]>([])
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.limits.responseWriteTime = responseWriteTime
            let server = try HTTPServer(
                on: loopback, loop: loop, configuration: configuration, acceptor: TestStreams.acceptor,
                finished: { access in accesses.withLock { $0.append(access) } },
                makeRouter: { loop in
                    var router = HTTPRouter()
                    router.on(.get, "/it") { _ in await respond(loop) }
                    return router
                })
            let peer = try RawPeer(to: server.address, on: loop)
            await client(peer)
            await server.stop(grace: .seconds(20))
            peer.close()
        }
        return accesses.withLock { $0 }
    }

    @Test func everyRequestIsToldOf() async throws {
        let list = try await accesses { _ in
            .text(.ok, "hello")
        } client: { peer in
            await peer.send("GET /it?a=b HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\nbad\r\n")
            _ = await peer.receiveAll()
        }
        #expect(list.map(\.status) == [.ok, .notFound, .badRequest])
        #expect(list.map(\.target) == ["/it?a=b", "/nothing", ""])
        #expect(list.map { $0.problem != nil } == [false, false, true])
        #expect(list.first?.method == "GET")
        #expect(list.first?.peer?.ip == .v4(0x7F00_0001))
        #expect(list.allSatisfy { $0.duration >= .zero && $0.isRequest })
    }

    /// A client that closes sends FIN, and what the cancelled handler makes of it is no failure of this server.
    @Test(arguments: [(HTTPStatus.internalServerError, HTTPStatus.clientClosedRequest), (.ok, .ok)])
    func anErrorThatNobodyWaitsForIsTheClientsDoing(answer: HTTPStatus, told: HTTPStatus) async throws {
        let list = try await accesses { loop in
            try? await loop.sleep(for: .seconds(50))
            return .text(answer, "cancelled")
        } client: { peer in
            await peer.send("GET /it HTTP/1.1\r\nHost: x\r\n\r\n")
            peer.finish()
            await peer.wait(until: \.isClosed)
        }
        #expect(list.map(\.status) == [told])
    }

    /// The response was written whole, and told of; that the client then left it is a second line, not a second request.
    @Test func aRequestCountsOnce() async throws {
        let list = try await accesses(responseWriteTime: .milliseconds(100)) { _ in
            HTTPResponse(status: .ok, body: [UInt8](repeating: 0x61, count: 32 << 20))
        } client: { peer in
            await peer.send("GET /it HTTP/1.1\r\nHost: x\r\n\r\n")
            await peer.receive("HTTP/1.1 200")
            peer.isReading = false
        }
        #expect(list.map(\.status) == [.ok, .clientClosedRequest])
        #expect(list.map(\.isRequest) == [true, false])
    }
}
