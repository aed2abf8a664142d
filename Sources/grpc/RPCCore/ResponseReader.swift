import Bytes

/// A response as it arrives at a client: a pure machine over header fields and DATA.
///
/// The outcome of a call is read from it once the stream has closed.
package struct ResponseReader: Sendable {
    /// What the method promises.
    package enum Cardinality: Hashable, Sendable {
        /// Exactly one message with an OK status (unary calls); no more than one is handed out.
        case one
        /// Any number (server streaming).
        case any
    }

    private let cardinality: Cardinality
    package private(set) var messages = 0
    /// For headers and trailers together.
    package var maxHeaderListBytes = Int.max
    private var headerListBytes = 0
    private var deframer: MessageDeframer
    private var httpStatus: Int?
    private var isGRPC = false
    private var contentType = ""
    private var grpcStatus: Int?
    private var grpcMessage: String?
    private var blocks = 0
    private var unsupportedEncoding: String?
    /// The first fault found on this side; it outweighs whatever the server said.
    private var fault: RPCError?

    package private(set) var initialMetadata = Metadata()
    package private(set) var trailingMetadata = Metadata()
    /// All messages that have arrived as a whole, as they were on the wire, without their prefixes.
    package private(set) var messageBytes = 0

    package init(maxMessageBytes: Int, expecting cardinality: Cardinality) {
        self.cardinality = cardinality
        deframer = MessageDeframer(maxMessageBytes: maxMessageBytes)
    }

    /// The server has begun to answer; such a call was processed.
    package private(set) var hasHeaders = false
    /// Trailers, or a response that is nothing else, have come.
    package private(set) var hasEnded = false

    /// What the fields of an answer's head come to, where nothing is wrong with them and a body follows.
    ///
    /// A server's answers on one connection have the same head, byte for byte: the reader of the next takes over what the
    /// last one found (`FieldBlock.repeated` knows), which spares it a look at each field and the memory for them.
    package struct Head: Sendable {
        fileprivate let encoding: MessageEncoding
        fileprivate let contentType: String
        fileprivate let grpcMessage: String?
        fileprivate let metadata: Metadata
        fileprivate let listBytes: Int
    }

    /// nil before the head has come; and for one that the next answer has to be read for.
    package var head: Head? {
        guard blocks == 1, !hasEnded, fault == nil else { return nil }
        return Head(
            encoding: deframer.encoding, contentType: contentType, grpcMessage: grpcMessage, metadata: initialMetadata,
            listBytes: headerListBytes)
    }

    /// In place of the fields of the first block, and of `headersEnded`.
    package mutating func receive(_ head: Head) {
        httpStatus = 200
        isGRPC = true
        deframer.encoding = head.encoding
        contentType = head.contentType
        grpcMessage = head.grpcMessage
        initialMetadata = head.metadata
        headerListBytes += head.listBytes
        blocks = 1
        hasHeaders = true
    }

    /// One field of a block; then `headersEnded`.
    package mutating func receive(field name: Span<UInt8>, value: Span<UInt8>) {
        // RFC 9113 section 6.5.2 counts 32 bytes of overhead a field.
        headerListBytes += name.count + value.count + 32
        guard headerListBytes <= maxHeaderListBytes else { return }
        if name.equals(":status") {
            httpStatus = ResponseReader.number(value)
        } else if name.equals("content-type") {
            isGRPC = ContentType.isGRPC(value)
            contentType = String(validating: value) ?? "?"
        } else if name.equals("grpc-status") {
            // Not a number: UNKNOWN, as is every number that is no status.
            grpcStatus = ResponseReader.number(value) ?? -1
        } else if name.equals("grpc-message") {
            grpcMessage = PercentCoding.decodeMessage(value)
        } else if name.equals("grpc-encoding") {
            if let encoding = MessageEncoding(value) {
                deframer.encoding = encoding
            } else {
                unsupportedEncoding = String(validating: value) ?? "?"
            }
        } else if !name.starts(with: "grpc-") || ResponseReader.isApplications(name) {
            if blocks == 0 {
                initialMetadata.append(key: name, value: value)
            } else {
                trailingMetadata.append(key: name, value: value)
            }
        }
    }

    private static func isApplications(_ name: Span<UInt8>) -> Bool {
        !Metadata.isReservedInResponse(name) && !name.equals("grpc-accept-encoding")
    }

    /// Answers whether the rest of the response is still wanted.
    package mutating func headersEnded(endStream: Bool) -> Bool {
        if let httpStatus, (100..<200).contains(httpStatus), blocks == 0, !endStream {
            // Informational (RFC 9110 section 15.2): the response is still to come.
            self.httpStatus = nil
            initialMetadata = Metadata()
            return true
        }
        blocks += 1
        hasHeaders = true
        hasEnded = endStream
        // Only the last block says how the call went.
        if !endStream { grpcStatus = nil }
        if headerListBytes > maxHeaderListBytes {
            fault =
                fault
                ?? RPCError(.resourceExhausted, "response headers are over the limit of \(maxHeaderListBytes) bytes")
        } else if blocks == 1, endStream {
            // Trailers-only: the one block counts as trailers.
            trailingMetadata = initialMetadata
            initialMetadata = Metadata()
        } else if blocks == 1 {
            if httpStatus != 200 || !isGRPC {
                fault = httpError()
            } else if let unsupportedEncoding {
                fault = RPCError(
                    .internal, "the response has grpc-encoding \"\(unsupportedEncoding)\", which was not offered")
            }
        }
        return fault == nil
    }

    /// Answers whether the rest of the response is still wanted.
    package mutating func receive(data: Span<UInt8>, _ deliver: (consuming ReceivedMessage) -> Void) -> Bool {
        guard fault == nil else { return false }
        var count = messages
        let cardinality = cardinality
        do throws(RPCError) {
            try deframer.receive(data) { message throws(RPCError) in
                count += 1
                // Not at the end, which a server may put off for ever.
                guard count == 1 || cardinality == .any else { throw ResponseReader.tooMany }
                deliver(message)
            }
        } catch {
            fault = error
        }
        messages = count
        messageBytes = deframer.messageBytes
        return fault == nil
    }

    /// Up to three digits.
    private static func number(_ text: Span<UInt8>) -> Int? {
        text.count <= 3 ? Decimal.number(text) : nil
    }

    private func httpError() -> RPCError {
        guard let httpStatus else { return RPCError(.internal, "the response has no HTTP status") }
        if httpStatus == 200 {
            return RPCError(.unknown, "the response has content-type \"\(contentType)\", expected application/grpc")
        }
        return RPCError(
            StatusMapping.code(forHTTPStatus: httpStatus), "the server answered HTTP \(httpStatus), not with gRPC")
    }

    /// What an OK status does not make good.
    private var errorBehindOK: RPCError? {
        guard deframer.isAtBoundary else {
            return RPCError(.internal, "the response ended in the middle of a message")
        }
        guard cardinality == .one, messages == 0 else { return nil }
        return RPCError(.unimplemented, "no message in an answer that is one")
    }

    private static var tooMany: RPCError { RPCError(.unimplemented, "more than one message in an answer that is one") }

    /// How the stream ended.
    package enum End: Hashable, Sendable {
        /// By END_STREAM from both sides.
        case ended
        /// By RST_STREAM with this HTTP/2 error code, whose name is for people.
        case reset(UInt32, name: String)
    }

    /// `status`, for whoever holds the reader in an object: mutating only so that it is not copied to be asked.
    package mutating func finish(_ end: End) -> RPCError? { status(end) }

    /// The call's status once the stream has closed; nil is OK.
    package func status(_ end: End) -> RPCError? {
        if let fault { return fault }
        if let grpcStatus {
            if grpcStatus == 0 { return errorBehindOK }
            return RPCError(
                StatusCode(rawValue: grpcStatus) ?? .unknown, grpcMessage ?? "", metadata: trailingMetadata)
        }
        if case .reset(let code, let name) = end {
            return RPCError(
                StatusMapping.code(forStreamReset: code), "the server reset the stream with \(name) before its status")
        }
        guard let httpStatus else { return RPCError(.internal, "the response ended before it began") }
        if httpStatus != 200 || !isGRPC { return httpError() }
        return RPCError(StatusMapping.code(forHTTPStatus: 200), "the response ended without grpc-status")
    }
}
