import HTTP
import HTTPTransport
import HelloWorldAPI
import JSON
import RPCClient
import RPCCore
import ServiceKit
import Telemetry

/// `GET /go/sample`, and `/go/hellogrpc`: one SayHello, and who answered. Loop thread only.
struct SampleEndpoint {
    let identity: JSONMembers
    let client: HelloWorldClient
    let callTimeout: Duration?

    func respond(_ request: HTTPRequest) async throws(QueryProblem) -> HTTPResponse {
        let parameters = try SampleParameters(request.head.queryParameters)
        var options = CallOptions(
            timeout: callTimeout, waitForReady: parameters.waitForReady, metadata: request.trace.metadata)
        // A duration, so that it may be metadata.
        if let delay = parameters.delay { try? options.metadata.append("x-delay", delay) }
        do throws(RPCError) {
            let reply = try await client.sayHello(HelloRequest(name: parameters.name), options: options)
            return answer(reply)
        } catch {
            return ErrorResponse.make(error)
        }
    }

    private func answer(_ reply: HelloReply) -> HTTPResponse {
        .json(.ok) { writer in
            writer.members(identity)
            writer.key("response")
            writer.beginObject()
            writer.member("message", reply.message)
            writer.member("version", reply.version)
            writer.member("hostname", reply.hostname)
            writer.endObject()
        }
    }
}
