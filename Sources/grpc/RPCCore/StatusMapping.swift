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
