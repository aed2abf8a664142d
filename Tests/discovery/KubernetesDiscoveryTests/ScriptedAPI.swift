import Addresses
import Events
import HTTP
import HTTPTransport
import Synchronization
import System
import TestSupport

/// An API server whose answers are a test's: each request waits for one. Loop thread only.
final class ScriptedAPI {
    struct Request {
        let path: String
        let query: QueryParameters
        let authorization: String?
    }

    enum Answer {
        case whole(HTTPStatus, [UInt8])
        /// What `send` is told, until `cut`.
        case stream
    }

    /// What the body of a stream is told.
    private enum Piece {
        case bytes([UInt8])
        case cut
    }

    private struct Cut: Error {}

    /// Those that came.
    let requests = Journal<Request>()
    private let answers = Journal<Answer>()
    private let pieces = Journal<Piece>()
    private var server: HTTPServer?

    init(on loop: EventLoop, acceptor: any StreamAcceptor = PlainSockets()) throws {
        let bound = LoopBound(self, on: loop)
        server = try HTTPServer(on: .ip(.v4(0x7F00_0001), port: 0), loop: loop, acceptor: acceptor) { _ in
            var router = HTTPRouter()
            router.on(.get, prefix: "/") { await bound.value.respond(to: $0) }
            return router
        }
    }

    var address: SocketAddress { server?.address ?? .ip(.v4(0), port: 0) }

    private func respond(to request: HTTPRequest) async -> HTTPResponse {
        requests.note(
            Request(
                path: String(request.head.path), query: request.head.queryParameters,
                authorization: request.head.fields["Authorization"]))
        switch await answers.next() {
        case .whole(let status, let body):
            return HTTPResponse(status: status, fields: ["Content-Type": "application/json"], body: body)
        case .stream:
            return HTTPResponse(status: .ok) { [self] writer in
                while true {
                    switch await pieces.next() {
                    case .bytes(let bytes): try await writer.write(bytes)
                    case .cut: throw Cut()
                    }
                }
            }
        }
    }

    func answer(_ answer: Answer) { answers.note(answer) }

    func send(_ bytes: [UInt8]) async { pieces.note(.bytes(bytes)) }

    func cut() { pieces.note(.cut) }

    /// Lets go of everything that still waits.
    func stop() async {
        answers.note(.whole(.serviceUnavailable, []))
        pieces.note(.cut)
        await server?.stop(grace: .milliseconds(100))
        server = nil
    }
}
