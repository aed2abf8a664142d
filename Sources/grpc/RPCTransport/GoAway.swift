package import HTTP2

/// Why a server ends a connection, as its GOAWAY says (RFC 9113 section 6.8).
package struct GoAway: Hashable, Sendable, CustomStringConvertible {
    package var code: HTTP2ErrorCode
    /// What gRPC's servers say in it: `max_age`, `too_many_pings`. Printable, 128 bytes at most; empty if there is none.
    package var debugData: String
    /// The first of a graceful close's two: servers on nghttp2 say why only in the second.
    package var isFirstOfTwo: Bool

    package init(_ code: HTTP2ErrorCode, debugData: String = "", isFirstOfTwo: Bool = false) {
        self.code = code
        self.debugData = debugData
        self.isFirstOfTwo = isFirstOfTwo
    }

    /// As on the wire: `GOAWAY NO_ERROR "max_age"`.
    package var description: String { debugData.isEmpty ? "GOAWAY \(code)" : "GOAWAY \(code) \"\(debugData)\"" }

    /// The reason in one word or sentence: what the server said, or what its code means.
    package var reason: String { debugData.isEmpty ? meaning : debugData }

    /// The same for who does not know the word: `max_age: the server ends connections of this age`.
    package var explanation: String { debugData.isEmpty || debugData == meaning ? meaning : "\(debugData): \(meaning)" }

    private var meaning: String {
        switch debugData {
        case "max_age": "the server ends connections of this age"
        case "max_idle": "the server ends connections without calls"
        case "too_many_pings": "the server wants fewer keepalive PINGs"
        default: GoAway.meanings[code] ?? "the server ends the connection with \(code)"
        }
    }

    private static let meanings: [HTTP2ErrorCode: String] = [
        .noError: "the server ends the connection in order",
        .protocolError: "the server says that the client broke the rules of HTTP/2",
        .internalError: "the server had an error of its own",
        .enhanceYourCalm: "the client is too busy for the server",
    ]
}
