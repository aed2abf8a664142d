import Bytes

/// Reads one body in any of its framings (RFC 9112 sections 6 and 7) and counts it against the limit.
struct HTTP1BodyParser {
    private enum State {
        case length(remaining: Int)
        case untilClose
        case chunkSize
        case chunk(remaining: Int)
        /// The CRLF after a chunk's bytes.
        case chunkEnd
        case trailers(HTTP1FieldParser)
        case done
    }

    enum Event: Equatable {
        case bytes([UInt8])
        case end
    }

    private var state = State.done
    private var received = 0
    private var extensionBytes = 0

    /// No body.
    init() {}

    /// A declared length beyond the limit fails at once, before a byte of it is read.
    init(_ framing: HTTPBodyFraming, within limits: HTTP1Limits) throws(HTTP1Error) {
        switch framing {
        case .length(let length):
            guard length <= limits.bodyBytes else { throw HTTP1BodyParser.tooLarge(limits) }
            state = length == 0 ? .done : .length(remaining: length)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        }
    }

    private static func tooLarge(_ limits: HTTP1Limits) -> HTTP1Error {
        HTTP1Error(.contentTooLarge, "the body is too large; expected at most \(limits.bodyBytes) bytes")
    }

    /// The next piece of the body; nil when more input is needed.
    mutating func next(_ input: inout HTTP1Input, within limits: HTTP1Limits) throws(HTTP1Error) -> Event? {
        while true {
            switch state {
            case .length(let remaining):
                guard let piece = take(upTo: remaining, of: &input) else { return nil }
                state = piece.count == remaining ? .done : .length(remaining: remaining - piece.count)
                return .bytes(piece)
            case .untilClose:
                guard input.isEmpty || received < limits.bodyBytes else { throw HTTP1BodyParser.tooLarge(limits) }
                guard let piece = take(upTo: limits.bodyBytes - received, of: &input) else { return nil }
                received += piece.count
                return .bytes(piece)
            case .chunkSize:
                guard let size = try chunkSize(&input, within: limits) else { return nil }
                state = size == 0 ? .trailers(HTTP1FieldParser(.trailer)) : .chunk(remaining: size)
            case .chunk(let remaining):
                guard let piece = take(upTo: remaining, of: &input) else { return nil }
                state = piece.count == remaining ? .chunkEnd : .chunk(remaining: remaining - piece.count)
                return .bytes(piece)
            case .chunkEnd:
                switch input.nextLine(limit: 0) {
                case .incomplete: return nil
                case .complete: break
                case .tooLong, .bareLineFeed:
                    throw HTTP1Error(.badRequest, "a chunk does not end where its size says; expected CRLF")
                }
                input.consume(2)
                state = .chunkSize
            case .trailers(var parser):
                let isComplete = try parser.read(&input, within: limits)
                state = isComplete ? .done : .trailers(parser)
                if !isComplete { return nil }
            case .done:
                return .end
            }
        }
    }

    /// Whether the peer may close now: only a body without any other end is complete by it.
    var endsAtClose: Bool {
        switch state {
        case .untilClose: true
        case .length, .chunkSize, .chunk, .chunkEnd, .trailers, .done: false
        }
    }

    private func take(upTo limit: Int, of input: inout HTTP1Input) -> [UInt8]? {
        guard !input.isEmpty else { return nil }
        let piece = Array(copying: input.bytes.extracting(first: limit))
        input.consume(piece.count)
        return piece
    }

    private mutating func chunkSize(_ input: inout HTTP1Input, within limits: HTTP1Limits) throws(HTTP1Error) -> Int? {
        switch input.nextLine(limit: limits.chunkLineBytes) {
        case .incomplete: return nil
        case .tooLong:
            throw HTTP1Error(
                .badRequest, "a chunk's size line is too long; expected at most \(limits.chunkLineBytes) bytes")
        case .bareLineFeed: throw HTTP1Syntax.bareLineFeed
        case .complete(let length):
            let size = try parseChunkSize(input.bytes.extracting(0..<length), within: limits)
            input.consume(length + 2)
            received += size
            return size
        }
    }

    private mutating func parseChunkSize(_ line: Span<UInt8>, within limits: HTTP1Limits) throws(HTTP1Error) -> Int {
        var size = 0
        var index = 0
        while index < line.count, let digit = Hexadecimal.value(line[index]) {
            // Stops long before an overflow: the limit leaves room for one more digit.
            guard size <= min(limits.bodyBytes, .max >> 5) else { throw HTTP1BodyParser.tooLarge(limits) }
            size = size << 4 | Int(digit)
            index += 1
        }
        guard index > 0, index == line.count || line[index] == UInt8(ascii: ";") else {
            throw HTTP1Error(.badRequest, "a chunk's size is not a hexadecimal number")
        }
        extensionBytes += line.count - index
        guard extensionBytes <= limits.chunkExtensionBytes else {
            throw HTTP1Error(
                .badRequest, "too many chunk extensions; expected at most \(limits.chunkExtensionBytes) bytes of them")
        }
        for position in index..<line.count where !HTTP1Syntax.isValueByte(line[position]) {
            throw HTTP1Error(
                .badRequest, "a chunk extension contains the control byte \(HTTP1Syntax.hex(line[position]))")
        }
        guard size <= limits.bodyBytes - received else { throw HTTP1BodyParser.tooLarge(limits) }
        return size
    }
}
