import Bytes

/// What a client reads for one request: a head, body bytes, an end.
package enum HTTP1ResponseEvent: Equatable, Sendable {
    case head(HTTPResponseHead)
    /// A piece of the body, never empty; where the pieces are cut means nothing.
    case body([UInt8])
    /// The parser now rests until `startNextResponse(to:)`.
    case end
}

/// Reads the responses of one connection, as strictly as the server reads requests. Interim responses are skipped.
package struct HTTP1ResponseParser {
    private enum State {
        case statusLine
        case fields(HTTPStatus, HTTPVersion, HTTP1FieldReader)
        case body(HTTP1BodyReader)
        case ended
        case failed(HTTP1Error)
    }

    private var state = State.statusLine
    private var input = HTTP1Input()
    private var interimResponses = 0
    private var requestMethod: HTTPMethod
    private let limits: HTTP1Limits

    /// Whether the connection can carry another request once this response has ended; known with the head.
    package private(set) var keepAlive = true

    /// `method` is that of the request: a response to HEAD has no body, whatever its fields say.
    package init(to method: HTTPMethod, limits: HTTP1Limits = .defaults) {
        requestMethod = method
        self.limits = limits
    }

    /// Whether bytes came that belong to no response; such a connection must not be used again.
    package var hasUnexpectedBytes: Bool {
        switch state {
        case .ended: !input.isEmpty
        case .statusLine, .fields, .body, .failed: false
        }
    }

    package mutating func feed(_ bytes: Span<UInt8>) {
        switch state {
        case .statusLine, .fields, .body, .ended: input.append(bytes)
        case .failed: break
        }
    }

    package mutating func feed(_ bytes: [UInt8]) {
        feed(bytes.span)
    }

    package mutating func startNextResponse(to method: HTTPMethod) {
        switch state {
        case .ended:
            state = .statusLine
            requestMethod = method
            interimResponses = 0
            keepAlive = true
        case .statusLine, .fields, .body, .failed: break
        }
    }

    /// The next event; nil when more input is needed.
    package mutating func next() throws(HTTP1Error) -> HTTP1ResponseEvent? {
        do {
            return try advance()
        } catch {
            fail(error)
            throw error
        }
    }

    /// Call when the server has closed and `next()` gave nil: `.end` if that is how this body ends.
    package mutating func inputClosed() throws(HTTP1Error) -> HTTP1ResponseEvent? {
        let found: String
        switch state {
        case .body(let reader) where reader.endsAtClose:
            state = .ended
            return .end
        case .ended: return nil
        case .failed(let error): throw error
        case .statusLine: found = input.isEmpty ? "before a response" : "within the status line"
        case .fields: found = "within the response's header"
        case .body: found = "within the response's body"
        }
        let error = HTTP1Error(.badGateway, "the connection was closed \(found)")
        fail(error)
        throw error
    }

    private mutating func fail(_ error: HTTP1Error) {
        state = .failed(error)
        input.removeAll()
        keepAlive = false
    }

    private mutating func advance() throws(HTTP1Error) -> HTTP1ResponseEvent? {
        while true {
            switch state {
            case .statusLine:
                guard let (status, version) = try statusLine() else { return nil }
                state = .fields(status, version, HTTP1FieldReader(headerWithin: limits))
            case .fields(let status, let version, var reader):
                guard try reader.read(&input) else {
                    state = .fields(status, version, reader)
                    return nil
                }
                if (100..<200).contains(status.code) {
                    try skipInterim(status)
                    state = .statusLine
                    continue
                }
                let framing = try framing(of: status, version: version, fields: reader.fields)
                state = .body(try HTTP1BodyReader(framing, limits: limits))
                return .head(HTTPResponseHead(status: status, fields: reader.fields))
            case .body(var reader):
                let event = try reader.next(&input)
                state = .body(reader)
                switch event {
                case .bytes(let piece): return .body(piece)
                case .end:
                    state = .ended
                    return .end
                case nil: return nil
                }
            case .ended: return nil
            case .failed(let error): throw error
            }
        }
    }

    private mutating func skipInterim(_ status: HTTPStatus) throws(HTTP1Error) {
        guard status.code != 101 else {
            throw HTTP1Error(.badGateway, "the server switched protocols; no upgrade was asked for")
        }
        interimResponses += 1
        guard interimResponses <= limits.interimResponses else {
            throw HTTP1Error(.badGateway, "too many interim responses; expected at most \(limits.interimResponses)")
        }
    }

    /// RFC 9112 section 6.3, and section 9.3 for the connection's life.
    private mutating func framing(
        of status: HTTPStatus, version: HTTPVersion, fields: HTTPFields
    ) throws(HTTP1Error) -> HTTPBodyFraming {
        let isChunked = try HTTP1Syntax.isChunked(fields, version: version)
        let length = try HTTP1Syntax.contentLength(fields)
        let connection = fields.tokens("connection")
        keepAlive =
            switch version {
            case .http11: !connection.contains("close")
            case .http10: connection.contains("keep-alive") && !connection.contains("close")
            }
        if status.forbidsBody || requestMethod == .head { return .length(0) }
        if isChunked { return .chunked }
        if let length { return .length(length) }
        keepAlive = false
        return .untilClose
    }
}

extension HTTP1ResponseParser {
    /// `HTTP/1.x SP 3DIGIT SP [reason]` (RFC 9112 section 4).
    private mutating func statusLine() throws(HTTP1Error) -> (HTTPStatus, HTTPVersion)? {
        switch input.nextLine(limit: limits.startLineBytes) {
        case .incomplete: return nil
        case .tooLong:
            throw HTTP1Error(
                .badGateway, "the status line is too long; expected at most \(limits.startLineBytes) bytes")
        case .bareLineFeed: throw HTTP1Syntax.bareLineFeed
        case .complete(let length):
            let result = try HTTP1ResponseParser.parse(statusLine: input.bytes.extracting(0..<length))
            input.consume(length + 2)
            return result
        }
    }

    private static func parse(statusLine line: Span<UInt8>) throws(HTTP1Error) -> (HTTPStatus, HTTPVersion) {
        let malformed = HTTP1Error(.badGateway, "the status line is malformed; expected 'HTTP/1.1 200 OK'")
        let name: [UInt8] = Array("HTTP/1.".utf8)
        guard line.count >= 13, line[12] == 0x20, line[8] == 0x20, (0x30...0x39).contains(line[7]) else {
            throw malformed
        }
        for index in name.indices where line[index] != name[index] { throw malformed }
        var code: UInt16 = 0
        for index in 9..<12 {
            guard (0x30...0x39).contains(line[index]) else { throw malformed }
            code = code * 10 + UInt16(line[index] - 0x30)
        }
        let reason = line.extracting(droppingFirst: 13)
        for index in reason.indices where !HTTP1Syntax.isValueByte(reason[index]) { throw malformed }
        guard (100..<600).contains(code) else { throw malformed }
        let status = HTTPStatus(code: code, reason: HTTP1Syntax.text(reason))
        return (status, line[7] == UInt8(ascii: "0") ? .http10 : .http11)
    }
}
