/// How the length of a message's body is known (RFC 9112 section 6).
package enum HTTPBodyFraming: Equatable, Sendable {
    /// Exactly this many bytes; 0 also when the message says nothing about a body.
    case length(Int)
    case chunked
    /// All that comes until the peer closes; responses only.
    case untilClose
}

extension HTTP1Syntax {
    /// The length that the Content-Length fields agree on; nil without one.
    static func contentLength(_ fields: HTTPFields) throws(HTTP1Error) -> Int? {
        var length: Int?
        for field in fields.all where HTTPFields.equalNames(field.name, "content-length") {
            guard let value = decimal(field.value) else {
                throw HTTP1Error(.badRequest, "Content-Length is not a number; expected decimal digits only")
            }
            if let length, length != value {
                throw HTTP1Error(.badRequest, "Content-Length is given twice with different values; expected one")
            }
            length = value
        }
        return length
    }

    /// Whether the body is chunked. Any other transfer coding is refused: two readers that understand a message
    /// differently are how requests are smuggled.
    static func isChunked(_ fields: HTTPFields, version: HTTPVersion) throws(HTTP1Error) -> Bool {
        guard fields.contains("transfer-encoding") else { return false }
        guard version == .http11 else {
            throw HTTP1Error(.badRequest, "Transfer-Encoding in an HTTP/1.0 message; expected Content-Length")
        }
        guard !fields.contains("content-length") else {
            throw HTTP1Error(.badRequest, "both Transfer-Encoding and Content-Length are given; expected one of them")
        }
        let codings = fields.tokens("transfer-encoding")
        guard codings.last == "chunked", codings.filter({ $0 == "chunked" }).count == 1 else {
            throw HTTP1Error(.badRequest, "Transfer-Encoding does not end with one 'chunked'; expected 'chunked' alone")
        }
        guard codings.count == 1, fields.values("transfer-encoding").allSatisfy({ $0.utf8.count == 7 }) else {
            throw HTTP1Error(.notImplemented, "a transfer coding besides 'chunked' is not supported")
        }
        return true
    }

    /// Whether the connection lives on after the message (RFC 9112 section 9.3).
    static func keepAlive(_ fields: HTTPFields, version: HTTPVersion) -> Bool {
        let options = fields.contains("connection") ? fields.tokens("connection") : []
        return switch version {
        case .http11: !options.contains("close")
        case .http10: options.contains("keep-alive") && !options.contains("close")
        }
    }
}
