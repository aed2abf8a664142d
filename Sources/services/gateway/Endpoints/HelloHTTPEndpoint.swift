import HTTP
import HTTPTransport
import JSON
import RPCCore
import ServiceKit
import Telemetry

/// `GET /go/hellohttp`: one HTTP request to the backend of `HTTP_TARGET`, and who answered. Loop thread only.
struct HelloHTTPEndpoint {
    let identity: ServiceIdentity
    /// nil if the gateway was not told of one.
    let backend: HTTPBackend?

    func respond(_ request: HTTPRequest) async throws(QueryProblem) -> HTTPResponse {
        try request.head.queryParameters.check(names: [])
        guard let backend else {
            return ErrorResponse.make(
                RPCError(.unimplemented, "this gateway has no HTTP backend; HTTP_TARGET names one"))
        }
        do throws(HTTPBackend.Failure) {
            return answer(to: try await backend.get(request.trace), of: backend)
        } catch {
            return ErrorResponse.make(error)
        }
    }

    private func answer(to response: HTTPClientResponse, of backend: HTTPBackend) -> HTTPResponse {
        guard response.status == .ok else {
            return ErrorResponse.badBackend("\(backend.target.authority) answered \(response.status)")
        }
        guard let json = try? JSONParser.parse(response.body), let name = json["name"]?.string,
            let version = json["version"]?.string, let hostname = json["hostname"]?.string
        else {
            return ErrorResponse.badBackend(
                "\(backend.target.authority) answered with something else than a JSON object of name, version and"
                    + " hostname")
        }
        return .json(.ok) { writer in
            identity.write(to: &writer)
            writer.key("response")
            writer.beginObject()
            writer.member("name", name)
            writer.member("version", version)
            writer.member("hostname", hostname)
            writer.endObject()
        }
    }
}
