import Addresses
import HTTP
import System
import Telemetry
import Timing

/// A request on its way in or being answered, and what its log line says of it.
struct HTTPExchange {
    /// nil until the whole header has come.
    private(set) var head: HTTPRequestHead?
    private(set) var body: [UInt8] = []
    /// Where the router found it.
    var route: String?
    private var trace: RequestTrace?
    private var headArrival = Instant.distantFuture

    mutating func begin(_ head: HTTPRequestHead, at now: Instant) {
        self.head = head
        headArrival = now
    }

    mutating func append(_ piece: [UInt8]) { body.append(contentsOf: piece) }

    var requestID: String? { trace?.requestID }

    /// Hands the request out, which is whole now; its body is not kept.
    mutating func request(
        from peer: SocketAddress?, using generator: inout some RandomNumberGenerator
    ) -> HTTPRequest? {
        guard let head else { return nil }
        let trace = RequestTrace(head.fields, using: &generator)
        self.trace = trace
        defer { body = [] }
        return HTTPRequest(head: head, body: body, peer: peer, trace: trace)
    }

    /// `line` is what could be read of the request line, whose request this is.
    func access(
        _ status: HTTPStatus, line: (method: HTTPMethod, target: String)?, peer: SocketAddress?, problem: String?,
        isRequest: Bool
    ) -> HTTPAccess {
        HTTPAccess(
            method: line?.method.name ?? "", target: line?.target ?? "", route: route, status: status,
            duration: head == nil ? .zero : MonotonicClock.now - headArrival, peer: peer, trace: trace,
            problem: problem, isRequest: isRequest)
    }
}
