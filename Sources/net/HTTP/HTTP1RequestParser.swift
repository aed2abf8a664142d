import Bytes

/// What a server reads from one connection, in this order for each request: a head, body bytes, an end.
package enum HTTP1RequestEvent: Equatable, Sendable {
    case head(HTTPRequestHead)
    /// A piece of the body, never empty; where the pieces are cut means nothing.
    case body([UInt8])
    /// The parser now rests until `startNextRequest()`.
    case end
}

/// Reads the requests of one connection, strictly (RFC 9112): what two readers could understand differently is
/// refused, because that is how requests are smuggled past a proxy.
///
/// Feed bytes as they come, then take events until there is none. The verdict on a request never depends on how its
/// bytes were cut. After an error every further call fails with the same one.
package struct HTTP1RequestParser {
    private enum State {
        /// Before a request line, after this many empty lines.
        case start(emptyLines: Int)
        case fields(RequestLine, HTTP1FieldReader)
        case body(HTTP1BodyReader)
        /// Between a request's end and `startNextRequest()`.
        case ended
        case failed(HTTP1Error)
    }

    private var state = State.start(emptyLines: 0)
    private var input = HTTP1Input()
    private let limits: HTTP1Limits

    package init(limits: HTTP1Limits = .defaults) {
        self.limits = limits
    }

    /// Bytes received and not yet part of an event. They are bounded only by the one who feeds: while a request is
    /// being answered, stop reading when this is large.
    package var bufferedByteCount: Int { input.count }

    /// Whether no byte of a next request has come: the connection may be closed without a loss.
    package var isBetweenRequests: Bool {
        switch state {
        case .start, .ended: input.isEmpty
        case .fields, .body, .failed: false
        }
    }

    /// Of the request that is being read, or was read last; nil before it is complete. For logs: a request that is
    /// refused has one, too.
    package private(set) var requestLine: (method: HTTPMethod, target: String)?

    package mutating func feed(_ bytes: Span<UInt8>) {
        switch state {
        case .start, .fields, .body, .ended: input.append(bytes)
        case .failed: break
        }
    }

    package mutating func feed(_ bytes: [UInt8]) {
        feed(bytes.span)
    }

    /// Continues with the bytes behind the request whose end was reported; no effect anywhere else.
    package mutating func startNextRequest() {
        switch state {
        case .ended:
            state = .start(emptyLines: 0)
            requestLine = nil
        case .start, .fields, .body, .failed: break
        }
    }

    /// The next event; nil when more input, or `startNextRequest()`, is needed.
    package mutating func next() throws(HTTP1Error) -> HTTP1RequestEvent? {
        do {
            return try advance()
        } catch {
            state = .failed(error)
            input.removeAll()
            throw error
        }
    }

    private mutating func advance() throws(HTTP1Error) -> HTTP1RequestEvent? {
        while true {
            switch state {
            case .start(let emptyLines):
                guard let line = try nextRequestLine(emptyLines: emptyLines) else { return nil }
                requestLine = (line.method, line.target)
                state = .fields(line, HTTP1FieldReader(headerWithin: limits))
            case .fields(let line, var reader):
                guard try reader.read(&input) else {
                    state = .fields(line, reader)
                    return nil
                }
                let head = try HTTPRequestHead(line: line, fields: reader.fields)
                state = .body(try HTTP1BodyReader(head.framing, limits: limits))
                return .head(head)
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

    private mutating func nextRequestLine(emptyLines: Int) throws(HTTP1Error) -> RequestLine? {
        var emptyLines = emptyLines
        while true {
            switch input.nextLine(limit: limits.startLineBytes) {
            case .incomplete: return nil
            case .tooLong:
                throw HTTP1Error(
                    .uriTooLong, "the request line is too long; expected at most \(limits.startLineBytes) bytes")
            case .bareLineFeed: throw HTTP1Syntax.bareLineFeed
            case .complete(length: 0):
                emptyLines += 1
                guard emptyLines <= limits.emptyLinesBeforeRequest else {
                    throw HTTP1Error(.badRequest, "too many empty lines; expected a request line")
                }
                input.consume(2)
                state = .start(emptyLines: emptyLines)
            case .complete(let length):
                let line = try RequestLine(input.bytes.extracting(0..<length))
                input.consume(length + 2)
                return line
            }
        }
    }
}
