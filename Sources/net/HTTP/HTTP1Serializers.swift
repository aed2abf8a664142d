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
        output.append(contentsOf: ("HTTP/1.1 " as StaticString).bytes)
        Decimal.append(UInt64(head.status.code), to: &output)
        output.append(UInt8(ascii: " "))
        HTTP1HeadWriter.appendSanitized(head.status.reason, to: &output)
        output.append(contentsOf: HTTP1HeadWriter.lineEnd.bytes)
        if let date { HTTP1HeadWriter.append(name: "Date", value: date, to: &output) }
        HTTP1HeadWriter.append(head.fields, to: &output)
        if !head.status.forbidsBody {
            if let length {
                output.append(contentsOf: ("Content-Length: " as StaticString).bytes)
                Decimal.append(UInt64(max(length, 0)), to: &output)
                output.append(contentsOf: HTTP1HeadWriter.lineEnd.bytes)
            } else if version == .http11 {
                HTTP1HeadWriter.append("Transfer-Encoding: chunked\r\n", to: &output)
            }
        }
        if closesConnection {
            HTTP1HeadWriter.append("Connection: close\r\n", to: &output)
        } else if version == .http10 {
            HTTP1HeadWriter.append("Connection: keep-alive\r\n", to: &output)
        }
        output.append(contentsOf: HTTP1HeadWriter.lineEnd.bytes)
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

/// Writes one request with a body of known length.
package enum HTTP1RequestSerializer {
    /// Returns false, and writes nothing, if method or target could not be sent as one request line.
    /// Host, Content-Length and Connection are written here; such fields of the program are left out.
    package static func append(
        method: HTTPMethod, target: String, host: String, fields: HTTPFields, body: [UInt8], keepAlive: Bool,
        to output: inout [UInt8]
    ) -> Bool {
        guard HTTP1Syntax.isToken(method.name.utf8.span), !target.isEmpty,
            target.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return false }
        HTTP1HeadWriter.append("\(method.name) \(target) HTTP/1.1\r\n", to: &output)
        HTTP1HeadWriter.append(name: "Host", value: host, to: &output)
        var others = fields
        others.remove("host")
        HTTP1HeadWriter.append(others, to: &output)
        if !body.isEmpty || method == .post || method == .put {
            HTTP1HeadWriter.append("Content-Length: \(body.count)\r\n", to: &output)
        }
        HTTP1HeadWriter.append(keepAlive ? "\r\n" : "Connection: close\r\n\r\n", to: &output)
        output.append(contentsOf: body)
        return true
    }
}

/// Writes the lines that requests and responses share.
///
/// Whatever a program puts into a field, the message keeps its shape: control bytes become spaces (RFC 9110 section
/// 5.5 allows that to a recipient, and here it is the last one before the wire), and a field whose name is no token is
/// left out.
enum HTTP1HeadWriter {
    static func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8.span)
    }

    static let lineEnd: StaticString = "\r\n"

    static func append(name: String, value: String, to output: inout [UInt8]) {
        let (name, value) = (name.utf8.span, value.utf8.span)
        guard HTTP1Syntax.isToken(name) else { return }
        let start = output.count + name.count + 2
        // In one piece: four were 370 instructions a field.
        output.append(addingCapacity: name.count + value.count + 4) { line in
            line.append(copying: name)
            line.append(UInt8(ascii: ":"))
            line.append(UInt8(ascii: " "))
            line.append(copying: value)
            line.append(UInt8(ascii: "\r"))
            line.append(UInt8(ascii: "\n"))
        }
        sanitize(value, at: start, in: &output)
    }

    static func appendSanitized(_ value: String, to output: inout [UInt8]) {
        let start = output.count
        append(value, to: &output)
        sanitize(value.utf8.span, at: start, in: &output)
    }

    /// What has been written of `value`.
    private static func sanitize(_ value: Span<UInt8>, at start: Int, in output: inout [UInt8]) {
        // Eight bytes at a time; nearly every value is plain.
        if PrintableText.isPlain(value, escapingQuotes: false) { return }
        for index in start..<start + value.count where !HTTP1Syntax.isValueByte(output[index]) { output[index] = 0x20 }
    }

    /// The fields of a program, without those that only the connection may decide.
    static func append(_ fields: HTTPFields, to output: inout [UInt8]) {
        if let lines = fields.lines { return output.append(contentsOf: lines) }
        for field in fields.all where !isReserved(field.name) {
            append(name: field.name, value: field.value, to: &output)
        }
    }

    private static func isReserved(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: HTTPFields.equalNames("connection", name) || HTTPFields.equalNames("keep-alive", name)
        case 14: HTTPFields.equalNames("content-length", name)
        case 17: HTTPFields.equalNames("transfer-encoding", name)
        default: false
        }
    }
}
