import Bytes

/// Writes one response: a head, then body bytes, then an end. It decides the framing, so fields of the program named
/// Content-Length, Transfer-Encoding, Connection or Keep-Alive are left out (`Connection: close` is heeded).
package struct HTTP1ResponseSerializer {
    private enum Body: Equatable {
        /// The head is not written yet.
        case unknown
        case length(remaining: Int)
        case chunked
        case untilClose
        /// HEAD, 204, 304: whatever the program writes is dropped.
        case none
        case ended
    }

    private let method: HTTPMethod
    private let version: HTTPVersion
    private var body = Body.unknown

    /// Whether the connection has to close after this response; final once `end(into:)` was called.
    package private(set) var closesConnection: Bool

    /// `method` and `version` are the request's; `keepAlive` says whether client and server both want to go on.
    package init(to method: HTTPMethod, version: HTTPVersion, keepAlive: Bool) {
        self.method = method
        self.version = version
        closesConnection = !keepAlive
    }

    /// Writes status line and fields. Without `length` the body is chunked, or for HTTP/1.0 ends with the connection.
    /// `date` is the current `HTTPDate`.
    package mutating func start(_ head: HTTPResponseHead, length: Int?, date: String?, into output: inout [UInt8]) {
        guard body == .unknown else { return }
        if head.fields.contains("connection"), head.fields.tokens("connection").contains("close") {
            closesConnection = true
        }
        body = framing(head.status, length: length)
        if body == .untilClose { closesConnection = true }
        HTTP1HeadWriter.append("HTTP/1.1 \(head.status.code) ", to: &output)
        HTTP1HeadWriter.appendSanitized(head.status.reason, to: &output)
        HTTP1HeadWriter.append("\r\n", to: &output)
        if let date { HTTP1HeadWriter.append(name: "Date", value: date, to: &output) }
        HTTP1HeadWriter.append(head.fields, to: &output)
        if !head.status.forbidsBody {
            if let length {
                HTTP1HeadWriter.append("Content-Length: \(length)\r\n", to: &output)
            } else if version == .http11 {
                HTTP1HeadWriter.append("Transfer-Encoding: chunked\r\n", to: &output)
            }
        }
        if closesConnection {
            HTTP1HeadWriter.append("Connection: close\r\n", to: &output)
        } else if version == .http10 {
            HTTP1HeadWriter.append("Connection: keep-alive\r\n", to: &output)
        }
        HTTP1HeadWriter.append("\r\n", to: &output)
    }

    private func framing(_ status: HTTPStatus, length: Int?) -> Body {
        if status.forbidsBody || method == .head { return .none }
        if let length { return .length(remaining: length) }
        switch version {
        case .http11: return .chunked
        case .http10: return .untilClose
        }
    }

    /// Writes a piece of the body. Bytes beyond the declared length are dropped and cost the connection its life.
    package mutating func write(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        switch body {
        case .length(let remaining):
            if bytes.count > remaining { closesConnection = true }
            output.append(contentsOf: bytes.extracting(first: remaining))
            body = .length(remaining: max(remaining - bytes.count, 0))
        case .chunked:
            HTTP1HeadWriter.append(String(bytes.count, radix: 16), to: &output)
            HTTP1HeadWriter.append("\r\n", to: &output)
            output.append(contentsOf: bytes)
            HTTP1HeadWriter.append("\r\n", to: &output)
        case .untilClose: output.append(contentsOf: bytes)
        case .none, .unknown, .ended: break
        }
    }

    /// Whether the client gets a body at all: not for HEAD, 204 and 304.
    package var hasBody: Bool {
        switch body {
        case .length, .chunked, .untilClose: true
        case .unknown, .none, .ended: false
        }
    }

    /// The whole body of the declared length goes to the client by another way.
    package mutating func bodyIsSentApart() {
        switch body {
        case .length: body = .length(remaining: 0)
        case .chunked, .untilClose, .none, .unknown, .ended: break
        }
    }

    /// Ends the body. One that is shorter than declared can only be ended by closing.
    package mutating func end(into output: inout [UInt8]) {
        switch body {
        case .length(let remaining): if remaining > 0 { closesConnection = true }
        case .chunked: HTTP1HeadWriter.append("0\r\n\r\n", to: &output)
        case .untilClose, .none: break
        case .unknown: closesConnection = true
        case .ended: return
        }
        body = .ended
    }

    /// The interim response that a client with `Expect: 100-continue` waits for.
    package static let continueResponse: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}
