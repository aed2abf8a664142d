import Bytes

/// A request as it arrives at a server: a pure machine over header fields and DATA, for one unary or streaming call.
///
/// Fields and data go in; what to do about the head comes out of `headersEnded`, and messages out of `receive`.
package struct RequestReader: Sendable {
    /// What the head asks for.
    package enum HeadOutcome: Hashable, Sendable {
        /// A gRPC call; `path` tells which.
        case accepted
        /// Not gRPC at all: answer with this HTTP status and nothing else.
        case rejected(httpStatus: Int)
        /// A gRPC call that fails already: answer with the status, trailers only.
        indirect case failed(RPCError)
    }

    private let maxHeaderListBytes: Int
    private var deframer: MessageDeframer
    private var acceptsEncodings: MessageEncodings?
    package private(set) var headerListBytes = 0
    private var isPost = false
    /// nil without a content-type.
    private var isGRPC: Bool?
    private var unsupportedEncoding: String?
    private var badTimeout: String?
    private var headEnded = false

    /// Whole after `headersEnded`.
    package private(set) var head = RequestHead()
    private let likelyPath: [UInt8]

    /// `likelyPath` is the last request's on this connection: most are for the same method, and then share its bytes.
    package init(maxMessageBytes: Int, maxHeaderListBytes: Int, likelyPath: [UInt8] = []) {
        self.likelyPath = likelyPath
        self.maxHeaderListBytes = maxHeaderListBytes
        deframer = MessageDeframer(maxMessageBytes: maxMessageBytes)
    }

    /// One field of the head; then `headersEnded`.
    package mutating func receive(field name: Span<UInt8>, value: Span<UInt8>) {
        // RFC 9113 section 6.5.2 counts 32 bytes of overhead a field.
        headerListBytes += name.count + value.count + 32
        guard headerListBytes <= maxHeaderListBytes, !headEnded, !name.isEmpty else { return }
        // By the first byte: comparing each name with all that are known took longer than anything else here.
        switch name[0] {
        case UInt8(ascii: ":"):
            if name.equals(":path") {
                head.path = value.equals(likelyPath) ? likelyPath : Array(copying: value)
            } else if name.equals(":method") {
                isPost = value.equals("POST")
            }
        case UInt8(ascii: "c") where name.equals("content-type"):
            isGRPC = ContentType.isGRPC(value)
        case UInt8(ascii: "g") where name.starts(with: "grpc-"):
            receive(reserved: name, value: value)
        case UInt8(ascii: "t") where name.equals("te"):
            break
        default:
            head.metadata.append(key: name, value: value)
        }
    }

    private mutating func receive(reserved name: Span<UInt8>, value: Span<UInt8>) {
        // By the length, which no two of these share.
        switch name.count {
        case 12 where name.equals("grpc-timeout"):
            head.timeout = TimeoutHeader.parse(value)
            if head.timeout == nil { badTimeout = String(validating: value) ?? "?" }
        case 13 where name.equals("grpc-encoding"):
            if let encoding = MessageEncoding(value) {
                head.encoding = encoding
            } else {
                unsupportedEncoding = String(validating: value) ?? "?"
            }
        case 20 where name.equals("grpc-accept-encoding"):
            acceptsEncodings = (acceptsEncodings ?? []).union(MessageEncodings(acceptHeader: value))
        default:
            if !Metadata.isReserved(name) { head.metadata.append(key: name, value: value) }
        }
    }

    package mutating func headersEnded() -> HeadOutcome {
        headEnded = true
        if headerListBytes > maxHeaderListBytes { return tooLarge }
        if !isPost { return .rejected(httpStatus: 405) }
        if isGRPC != true { return .rejected(httpStatus: 415) }
        if let badTimeout {
            return .failed(
                RPCError(
                    .internal, "grpc-timeout \"\(badTimeout)\" is malformed, expected digits and a unit such as 100m"))
        }
        if let unsupportedEncoding {
            var error = RPCError(.unimplemented, "grpc-encoding \"\(unsupportedEncoding)\" is not supported")
            error.metadata.append(
                key: "grpc-accept-encoding".utf8.span, value: MessageEncoding.acceptHeader.utf8.span)
            return .failed(error)
        }
        deframer.encoding = head.encoding
        // Whoever does not tell understands what it speaks.
        head.acceptedEncodings = acceptsEncodings ?? [.identity]
        if acceptsEncodings == nil { head.acceptedEncodings.insert(head.encoding) }
        return .accepted
    }

    /// What came after the limit has not been looked at, so that a head which may be gRPC's counts as such.
    private var tooLarge: HeadOutcome {
        guard isPost, isGRPC != false, !head.path.isEmpty else { return .rejected(httpStatus: 431) }
        return .failed(
            RPCError(
                .resourceExhausted, "the request's header fields are over the limit of \(maxHeaderListBytes) bytes"))
    }

    /// Hands the head over; this one's is empty then.
    package mutating func takeHead() -> RequestHead {
        var taken = RequestHead()
        swap(&taken, &head)
        return taken
    }

    package mutating func receive(
        data: Span<UInt8>, _ deliver: (consuming ReceivedMessage) throws(RPCError) -> Void
    ) throws(RPCError) {
        try deframer.receive(data, deliver)
    }

    /// No message has begun that is not whole.
    package var isAtBoundary: Bool { deframer.isAtBoundary }

    /// Lets go of a message that is not whole.
    package mutating func discard() { deframer.discard() }

    /// The client has ended the request. Mutating only so that nobody copies the reader to call it.
    package mutating func ended() throws(RPCError) {
        guard deframer.isAtBoundary else { throw RPCError(.internal, "the request ended in the middle of a message") }
    }
}

/// What a request's header fields say of the call.
package struct RequestHead: Hashable, Sendable {
    /// As sent, with its leading slash: `/package.Service/Method`.
    package var path: [UInt8] = []
    /// nil if the client waits for ever.
    package var timeout: Duration?
    package var metadata = Metadata()
    /// Of the request's messages.
    package var encoding = MessageEncoding.identity
    /// What the client understands in the response.
    package var acceptedEncodings: MessageEncodings = .identity

    package init() {}
}
