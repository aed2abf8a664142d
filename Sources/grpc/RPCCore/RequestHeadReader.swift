import Bytes

/// The head of a request as it arrives at a server: a pure machine over header fields. A copy of one may go on from where
/// it is: what many requests begin with is read once.
package struct RequestHeadReader: Sendable {
    /// What the head asks for.
    package enum Outcome: Hashable, Sendable {
        /// A gRPC call; `path` tells which.
        case accepted
        /// Not gRPC at all: answer with this HTTP status and nothing else.
        case rejected(httpStatus: Int)
        /// A gRPC call that fails already: answer with the status, trailers only.
        indirect case failed(RPCError)
    }

    /// Indirect, since hardly any head has one and each is copied.
    private indirect enum Fault {
        case timeout(String)
        case encoding(String)
    }

    private let maxHeaderListBytes: Int
    private var acceptsEncodings: MessageEncodings?
    package private(set) var headerListBytes = 0
    private var isPost = false
    /// nil without a content-type.
    private var isGRPC: Bool?
    private var fault: Fault?
    /// Whole after `ended`.
    package private(set) var head = RequestHead()

    package init(maxHeaderListBytes: Int) {
        self.maxHeaderListBytes = maxHeaderListBytes
    }

    /// One field of the head; then `ended`.
    package mutating func receive(field name: Span<UInt8>, value: Span<UInt8>) {
        // RFC 9113 section 6.5.2 counts 32 bytes of overhead a field.
        headerListBytes += name.count + value.count + 32
        guard headerListBytes <= maxHeaderListBytes, !name.isEmpty else { return }
        // By the first byte: comparing each name with all that are known took longer than anything else here.
        switch name[0] {
        case UInt8(ascii: ":"):
            if name.equals(":path") {
                head.path = Array(copying: value)
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
            if head.timeout == nil { fault = .timeout(String(validating: value) ?? "?") }
        case 13 where name.equals("grpc-encoding"):
            if let encoding = MessageEncoding(value) {
                head.encoding = encoding
            } else {
                fault = fault ?? .encoding(String(validating: value) ?? "?")
            }
        case 20 where name.equals("grpc-accept-encoding"):
            acceptsEncodings = (acceptsEncodings ?? []).union(MessageEncodings(acceptHeader: value))
        default:
            if !Metadata.isReserved(name) { head.metadata.append(key: name, value: value) }
        }
    }

    package mutating func ended() -> Outcome {
        if headerListBytes > maxHeaderListBytes { return tooLarge }
        if !isPost { return .rejected(httpStatus: 405) }
        if isGRPC != true { return .rejected(httpStatus: 415) }
        if let fault { return .failed(RequestHeadReader.error(fault)) }
        // Whoever does not tell understands what it speaks.
        head.acceptedEncodings = acceptsEncodings ?? [.identity]
        if acceptsEncodings == nil { head.acceptedEncodings.insert(head.encoding) }
        return .accepted
    }

    private static func error(_ fault: Fault) -> RPCError {
        switch fault {
        case .timeout(let text):
            return RPCError(
                .internal, "grpc-timeout \"\(text)\" is malformed, expected digits and a unit such as 100m")
        case .encoding(let name):
            var error = RPCError(.unimplemented, "grpc-encoding \"\(name)\" is not supported")
            error.metadata.append(
                key: "grpc-accept-encoding".utf8.span, value: MessageEncoding.acceptHeader.utf8.span)
            return error
        }
    }

    /// Hands the head over; this one's is empty then.
    package mutating func takeHead() -> RequestHead {
        var taken = RequestHead()
        swap(&taken, &head)
        return taken
    }

    /// What came after the limit has not been looked at, so that a head which may be gRPC's counts as such.
    private var tooLarge: Outcome {
        guard isPost, isGRPC != false, !head.path.isEmpty else { return .rejected(httpStatus: 431) }
        return .failed(
            RPCError(
                .resourceExhausted, "the request's header fields are over the limit of \(maxHeaderListBytes) bytes"))
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
