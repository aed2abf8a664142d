import HTTP
import HTTPTransport
import HelloWorldAPI
import JSON
import ProtobufRPC
import RPCClient
import RPCCore
import Telemetry

/// `GET /go/stream`: relays StreamHello as JSON, a line for each message, each sent on at once. Loop thread only.
struct StreamEndpoint {
    let client: HelloWorldClient
    let callTimeout: Duration?
    let pods: PodDirectory

    /// A call that fails before its first message is answered with the error's own HTTP status; one that fails later
    /// ends with a line `{"error":{…}}`.
    func respond(_ request: HTTPRequest) async throws(QueryProblem) -> HTTPResponse {
        let parameters = try StreamParameters(request.head.queryParameters)
        // What the pod takes on purpose does not count against the call.
        let options = CallOptions(
            timeout: callTimeout.map { $0 + parameters.duration }, waitForReady: parameters.waitForReady,
            metadata: request.trace.metadata)
        do throws(RPCError) {
            let relay = Relay(
                pods,
                try client.streamHello(
                    StreamHelloRequest(
                        name: parameters.name, count: parameters.count,
                        intervalMs: parameters.intervalMilliseconds), options: options))
            try await relay.begin()
            return HTTPResponse(status: .ok, fields: StreamEndpoint.fields) { try await relay.run(to: $0) }
        } catch {
            return ErrorResponse.make(error)
        }
    }

    /// Proxies that collect a response before they pass it on, as nginx does, are asked not to.
    private static let fields: HTTPFields = ["Content-Type": "application/x-ndjson", "X-Accel-Buffering": "no"]
}

/// Holds the call between the response's head and its body.
private final class Relay {
    private let pods: PodDirectory
    private var replies: MessageReader<HelloReply>
    private var first: HelloReply?

    init(_ pods: PodDirectory, _ replies: consuming MessageReader<HelloReply>) {
        self.pods = pods
        self.replies = replies
    }

    func begin() async throws(RPCError) {
        first = try await replies.next()
    }

    /// Throws when the client has left, and the call ends with this object.
    func run(to writer: HTTPBodyWriter) async throws(HTTPBodyWriter.Disconnected) {
        var reply = first
        while let message = reply {
            try await writer.write(Relay.line(message))
            do throws(RPCError) {
                reply = try await replies.next()
            } catch {
                writer.tell(pods.named(ErrorResponse.failure(error)))
                return try await writer.write(ErrorResponse.line(error))
            }
        }
    }

    private static func line(_ reply: HelloReply) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("message", reply.message)
        writer.member("version", reply.version)
        writer.member("hostname", reply.hostname)
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}
