/// A request method: a case-sensitive token (RFC 9110 section 9).
package struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) {
        self.name = name
    }

    package static let get = HTTPMethod("GET")
    package static let head = HTTPMethod("HEAD")
    package static let post = HTTPMethod("POST")
    package static let put = HTTPMethod("PUT")
    package static let delete = HTTPMethod("DELETE")
    package static let options = HTTPMethod("OPTIONS")
    package static let connect = HTTPMethod("CONNECT")

    package var description: String { name }
}

/// The versions whose messages the HTTP/1.1 machines read.
package enum HTTPVersion: Equatable, Sendable {
    case http10
    /// Also any later minor version, which promises to be readable as 1.1 (RFC 9110 section 6.2).
    case http11
}

/// The start of a request, up to the empty line.
package struct HTTPRequestHead: Equatable, Sendable {
    package var method: HTTPMethod
    /// The request target as it was sent: a path with an optional query, a whole URI, or `*`.
    package var target: String
    package var version: HTTPVersion
    package var fields: HTTPFields
    package var framing: HTTPBodyFraming
    /// Whether the client lets the connection live on after the response (RFC 9112 section 9.3).
    package var keepAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    package var expectsContinue: Bool

    package init(
        method: HTTPMethod, target: String, version: HTTPVersion = .http11, fields: HTTPFields = HTTPFields(),
        framing: HTTPBodyFraming = .length(0), keepAlive: Bool = true, expectsContinue: Bool = false
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.fields = fields
        self.framing = framing
        self.keepAlive = keepAlive
        self.expectsContinue = expectsContinue
    }

    /// The path as it was sent, escapes included; `/` for a URI without one.
    package var path: Substring {
        let local = localTarget
        return HTTPRequestHead.questionMark(in: local).map { local[..<$0] } ?? local
    }

    /// What follows the first `?`, escapes included; empty if there is none.
    package var query: Substring {
        let local = localTarget
        return HTTPRequestHead.questionMark(in: local).map { local[local.utf8.index(after: $0)...] } ?? ""
    }

    /// The first one. By bytes: index by index each was forty instructions.
    private static func questionMark(in target: Substring) -> String.Index? {
        let bytes = target.utf8.span
        for offset in bytes.indices where bytes[offset] == UInt8(ascii: "?") {
            return target.utf8.index(target.startIndex, offsetBy: offset)
        }
        return nil
    }

    package var queryParameters: QueryParameters { QueryParameters(query) }

    /// The target without scheme and authority (RFC 9112 section 3.2.2: a server accepts the absolute form).
    private var localTarget: Substring {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else {
            return target[...]
        }
        let rest = target[scheme.upperBound...]
        guard let end = rest.utf8.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else {
            return "/"
        }
        return rest.utf8[end] == UInt8(ascii: "?") ? "/" + rest[end...] : rest[end...]
    }
}

/// The start of a response, up to the empty line.
package struct HTTPResponseHead: Equatable, Sendable {
    package var status: HTTPStatus
    package var fields: HTTPFields

    package init(status: HTTPStatus, fields: HTTPFields = HTTPFields()) {
        self.status = status
        self.fields = fields
    }
}
