package import Addresses
package import HTTP
import Timing

/// One request of a client.
package struct HTTPClientRequest: Sendable {
    package var method: HTTPMethod
    /// Path and query, escaped.
    package var target: String
    /// The Host field: the name under which the caller knows the server.
    package var host: String
    package var fields: HTTPFields
    package var body: [UInt8]

    package init(
        _ method: HTTPMethod = .get, _ target: String, host: String, fields: HTTPFields = HTTPFields(),
        body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.host = host
        self.fields = fields
        self.body = body
    }
}

/// A response with its whole body.
package struct HTTPClientResponse: Equatable, Sendable {
    package var head: HTTPResponseHead
    package var body: [UInt8]

    package var status: HTTPStatus { head.status }
}

/// Why there is no response.
package struct HTTPClientError: Error, Equatable, Sendable {
    package enum Problem: Equatable, Sendable {
        /// There is no connection; nothing was sent.
        case notConnected(String)
        /// The connection ended or failed before the response was complete.
        case disconnected(String)
        case malformedResponse(String)
        /// Method or target cannot be sent.
        case malformedRequest
        case timedOut(Duration)
        case cancelled
    }

    package var request: String
    package var address: SocketAddress
    package var problem: Problem
}

extension HTTPClientError: CustomStringConvertible {
    package var description: String {
        let reason =
            switch problem {
            case .notConnected(let reason): "no connection: \(reason)"
            case .disconnected(let reason): "the connection failed: \(reason)"
            case .malformedResponse(let reason): "bad response: \(reason)"
            case .malformedRequest: "method or target contain bytes that cannot be sent"
            case .timedOut(let time): "no complete response within \(DurationText.format(time))"
            case .cancelled: "cancelled"
            }
        return "\(request) at \(address): \(reason)"
    }
}
