import Bytes

/// What a message begins with, and all that requests and responses differ in.
package protocol HTTP1StartLine: Sendable {
    associatedtype Head: Equatable, Sendable
    /// What the parser is told before the message comes.
    associatedtype Context: Sendable

    /// "request line": what an error's text calls it.
    static var name: String { get }
    /// How a line beyond the limit is answered.
    static var excess: HTTPStatus { get }
    /// Empty lines that may come before it; the next one is read as a line.
    static func emptyLines(within limits: HTTP1Limits) -> Int

    /// Reads the line, given without its CRLF.
    init(_ line: Span<UInt8>) throws(HTTP1Error)
    /// Judges the fields that the protocol itself acts on.
    func opening(_ fields: HTTPFields, _ context: Context) throws(HTTP1Error) -> HTTP1Opening<Head>
}

/// What a start line and the fields after it come to.
package enum HTTP1Opening<Head> {
    case message(Head, HTTPBodyFraming, keepAlive: Bool)
    /// An interim (1xx) response: it ends here, and another one follows.
    case interim
}

/// What is read from one connection, in this order for each message: a head, body bytes, an end.
package enum HTTP1Event<Head: Equatable & Sendable>: Equatable, Sendable {
    case head(Head)
    /// A piece of the body, never empty; where the pieces are cut means nothing.
    case body([UInt8])
    /// The parser now rests until it is told to start with the next message.
    case end
}

/// What a server reads.
package typealias HTTP1RequestParser = HTTP1MessageParser<HTTP1RequestLine>
/// What a client reads; interim responses are skipped.
package typealias HTTP1ResponseParser = HTTP1MessageParser<HTTP1StatusLine>

/// Reads the messages of one connection, strictly (RFC 9112): what two readers could understand differently is refused,
/// because that is how requests are smuggled past a proxy.
///
/// Feed bytes as they come, then take events until there is none. The verdict on a message never depends on how its
/// bytes were cut. After an error every further call fails with the same one.
package struct HTTP1MessageParser<Line: HTTP1StartLine>: Sendable {
    private enum State {
        /// Before a start line, after this many empty lines.
        case start(emptyLines: Int)
        case fields
        case body
        /// Between a message's end and the start of the next one.
        case ended
        case failed(HTTP1Error)
    }

    private var state = State.start(emptyLines: 0)
    private var input = HTTP1Input()
    // Beside the state, not in it: out of an enum they would be copied at each look.
    private var fields = HTTP1FieldParser(.header)
    private var body = HTTP1BodyParser()
    private var interimMessages = 0
    private var context: Line.Context
    let limits: HTTP1Limits

    /// Of the message that is being read, or was read last; nil before it is complete. For logs: a request that is
    /// refused has one, too.
    package private(set) var line: Line?
    /// Whether the connection can carry another message once this one has ended; known with the head.
    package private(set) var keepAlive = true

    private init(context: Line.Context, limits: HTTP1Limits) {
        self.context = context
        self.limits = limits
    }

    /// Bytes received and not yet part of an event. They are bounded only by the one who feeds: while a request is
    /// being answered, stop reading when this is large.
    package var bufferedByteCount: Int { input.count }

    /// Whether no byte of a next message has come: the connection may be closed without a loss.
    package var isBetweenMessages: Bool {
        switch state {
        case .start, .ended: input.isEmpty
        case .fields, .body, .failed: false
        }
    }

    package mutating func feed(_ bytes: Span<UInt8>) {
        switch state {
        case .start, .fields, .body, .ended: input.append(bytes)
        case .failed: break
        }
    }

    package mutating func feed(_ bytes: [UInt8]) {
        feed(bytes.span)
    }

    /// Continues with the bytes behind the message whose end was reported; no effect anywhere else.
    private mutating func startNext(_ context: Line.Context) {
        switch state {
        case .ended:
            state = .start(emptyLines: 0)
            fields = HTTP1FieldParser(.header)
            self.context = context
            interimMessages = 0
            line = nil
            keepAlive = true
        case .start, .fields, .body, .failed: break
        }
    }

    /// The next event; nil when more input, or the start of the next message, is needed.
    //
    // For clients, who are in another room: the compiler makes a copy of generic code for one type only in its own.
    @specialized(where Line == HTTP1StatusLine)
    package mutating func next() throws(HTTP1Error) -> HTTP1Event<Line.Head>? {
        do {
            return try advance()
        } catch {
            fail(error)
            throw error
        }
    }

    private mutating func fail(_ error: HTTP1Error) {
        state = .failed(error)
        input.removeAll()
        keepAlive = false
    }

    private mutating func advance() throws(HTTP1Error) -> HTTP1Event<Line.Head>? {
        while true {
            switch state {
            case .start(let emptyLines):
                guard let line = try startLine(emptyLines: emptyLines) else { return nil }
                self.line = line
                state = .fields
            case .fields:
                guard try fields.read(&input, within: limits), let line else { return nil }
                switch try line.opening(fields.fields, context) {
                case .message(let head, let framing, let keepAlive):
                    self.keepAlive = keepAlive
                    body = try HTTP1BodyParser(framing, within: limits)
                    state = .body
                    return .head(head)
                case .interim:
                    try countInterim()
                    fields = HTTP1FieldParser(.header)
                    state = .start(emptyLines: 0)
                }
            case .body:
                switch try body.next(&input, within: limits) {
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

    private mutating func startLine(emptyLines: Int) throws(HTTP1Error) -> Line? {
        var emptyLines = emptyLines
        while true {
            switch input.nextLine(limit: limits.startLineBytes) {
            case .incomplete: return nil
            case .tooLong:
                throw HTTP1Error(
                    Line.excess, "the \(Line.name) is too long; expected at most \(limits.startLineBytes) bytes")
            case .bareLineFeed: throw HTTP1Syntax.bareLineFeed
            case .complete(length: 0) where emptyLines < Line.emptyLines(within: limits):
                emptyLines += 1
                input.consume(2)
                state = .start(emptyLines: emptyLines)
            case .complete(let length):
                let line = try Line(input.bytes.extracting(0..<length))
                input.consume(length + 2)
                return line
            }
        }
    }

    private mutating func countInterim() throws(HTTP1Error) {
        interimMessages += 1
        guard interimMessages <= limits.interimResponses else {
            throw HTTP1Error(.badGateway, "too many interim responses; expected at most \(limits.interimResponses)")
        }
    }
}

extension HTTP1MessageParser where Line == HTTP1RequestLine {
    package init(limits: HTTP1Limits = .defaults) {
        self.init(context: (), limits: limits)
    }

    package mutating func startNextRequest() { startNext(()) }
}

extension HTTP1MessageParser where Line == HTTP1StatusLine {
    /// `method` is that of the request: a response to HEAD has no body, whatever its fields say.
    package init(to method: HTTPMethod, limits: HTTP1Limits = .defaults) {
        self.init(context: method, limits: limits)
    }

    package mutating func startNextResponse(to method: HTTPMethod) { startNext(method) }

    /// Whether bytes came that belong to no response; such a connection must not be used again.
    package var hasUnexpectedBytes: Bool {
        switch state {
        case .ended: !input.isEmpty
        case .start, .fields, .body, .failed: false
        }
    }

    /// Call when the server has closed and `next()` gave nil: `.end` if that is how this body ends.
    package mutating func inputClosed() throws(HTTP1Error) -> HTTP1Event<HTTPResponseHead>? {
        let found: String
        switch state {
        case .body where body.endsAtClose:
            state = .ended
            return .end
        case .ended: return nil
        case .failed(let error): throw error
        case .start: found = input.isEmpty ? "before a response" : "within the status line"
        case .fields: found = "within the response's header"
        case .body: found = "within the response's body"
        }
        let error = HTTP1Error(.badGateway, "the connection was closed \(found)")
        fail(error)
        throw error
    }
}

/// A violation of HTTP/1.1 or of a limit. Where the message ends is unknown after it, so the connection has to close.
package struct HTTP1Error: Error, Equatable {
    /// What a server answers; a client that reads a bad response has no use for it.
    package var status: HTTPStatus
    /// What was wrong and what was expected; quotes no more of the peer's bytes than one.
    package var message: String

    package init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension HTTP1Error: CustomStringConvertible {
    package var description: String { message }
}
