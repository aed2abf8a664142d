/// gRPC status codes (statuscodes.md).
package enum StatusCode: Int, Hashable, Sendable, CaseIterable {
    case ok = 0
    case cancelled
    case unknown
    case invalidArgument
    case deadlineExceeded
    case notFound
    case alreadyExists
    case permissionDenied
    case resourceExhausted
    case failedPrecondition
    case aborted
    case outOfRange
    case unimplemented
    case `internal`
    case unavailable
    case dataLoss
    case unauthenticated

    /// The name in the specification: `DEADLINE_EXCEEDED`.
    package var name: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}

/// Statuses for responses that carry none (http-grpc-status-mapping.md, PROTOCOL-HTTP2 "Errors").
package enum StatusMapping {
    package static func code(forHTTPStatus status: Int) -> StatusCode {
        switch status {
        case 400: .internal
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .unimplemented
        case 429, 502, 503, 504: .unavailable
        default: .unknown
        }
    }

    /// `code` is an HTTP/2 error code, from RST_STREAM.
    package static func code(forStreamReset code: UInt32) -> StatusCode {
        switch code {
        case 7: .unavailable  // REFUSED_STREAM
        case 8: .cancelled  // CANCEL
        case 11: .resourceExhausted  // ENHANCE_YOUR_CALM
        case 12: .permissionDenied  // INADEQUATE_SECURITY
        default: .internal
        }
    }
}

/// How a call failed: a status other than OK, with the trailing metadata that came with it.
package struct RPCError: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: StatusCode
    /// For people: what failed and, where there is one, the cause.
    package var message: String
    package var metadata: Metadata
    /// The address that the call went to; nil if it went to none.
    package var server: String?

    package init(_ code: StatusCode, _ message: String, metadata: Metadata = Metadata()) {
        self.code = code
        self.message = message
        self.metadata = metadata
    }

    package var description: String { "\(code.name): \(message)" }

    /// What a call ended with is the same, whoever said it.
    package static func == (left: RPCError, right: RPCError) -> Bool {
        left.code == right.code && left.message == right.message && left.metadata == right.metadata
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
        hasher.combine(metadata)
    }
}
