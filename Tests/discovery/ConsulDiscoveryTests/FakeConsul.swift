import Addresses
import Events
import HTTP
import HTTPTransport
import TestSupport

/// An agent that answers what the test wants, when it wants. Loop thread only.
final class FakeConsul {
    struct Request {
        let line: String
        let body: String
        let token: String?
        private let answered: Answering

        fileprivate init(_ request: HTTPRequest, _ answered: Answering) {
            line = "\(request.head.method) \(request.head.target)"
            body = String(decoding: request.body, as: UTF8.self)
            token = request.head.fields["X-Consul-Token"]
            self.answered = answered
        }

        func answer(_ text: String = "", index: String? = nil, status: HTTPStatus = .ok) {
            var response = HTTPResponse.text(status, text)
            if let index { response.head.fields.append("X-Consul-Index", index) }
            answered.complete(response)
        }
    }

    fileprivate typealias Answering = Completion<HTTPResponse>

    private let requests = Journal<Request>()
    private var server: HTTPServer?
    private var unanswered: [Answering] = []

    init(on loop: EventLoop, at address: SocketAddress = .ip(.v4(0x7F00_0001), port: 0)) throws {
        let bound = LoopBound(self, on: loop)
        server = try HTTPServer(on: address, loop: loop) { _ in
            var router = HTTPRouter()
            for method in [HTTPMethod.get, .put] {
                router.on(method, prefix: "/v1") { await bound.value.serve($0) }
            }
            return router
        }
    }

    private func serve(_ request: HTTPRequest) async -> HTTPResponse {
        let answering = Answering()
        unanswered.append(answering)
        requests.note(Request(request, answering))
        return await answering.wait()
    }

    var address: SocketAddress { server?.address ?? .unix(path: "none") }

    func next() async -> Request { await requests.next() }

    /// Cuts every connection.
    func stop() async {
        await server?.stop(grace: .zero)
        server = nil
        // Their handlers wait for something, whether their clients are there or not.
        for answering in unanswered { answering.complete(.text(.internalServerError, "stopped")) }
    }

    /// An entry of the health endpoint.
    static func entry(_ address: String, _ port: Int = 8080) -> String {
        #"{"Node": {"Address": "127.0.0.9"}, "Service": {"Address": "\#(address)", "Port": \#(port)}, "Checks": []}"#
    }
}
