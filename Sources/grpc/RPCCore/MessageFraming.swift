import Bytes

/// gRPC's length-prefixed messages (PROTOCOL-HTTP2): one byte for the compressed flag, four for the length, big-endian.
package enum MessageFraming {
    package static let prefixLength = 5
    /// What a peer may send at most in one message, unless configured otherwise.
    package static let defaultMaxMessageBytes = 4 * 1024 * 1024

    /// A buffer for a message of about `capacity` bytes, with room for the prefix at its front; `seal` fills that in.
    package static func makeBuffer(capacity: Int = 0) -> [UInt8] {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(prefixLength + capacity)
        for _ in 0..<prefixLength { buffer.append(0) }
        return buffer
    }

    /// Writes the prefix of an uncompressed message that was appended to `makeBuffer()`.
    package static func seal(_ buffer: inout [UInt8]) throws(RPCError) {
        guard buffer.count >= prefixLength, let length = UInt32(exactly: buffer.count - prefixLength) else {
            throw RPCError(.internal, "a message of \(buffer.count) bytes does not fit gRPC's 32-bit length")
        }
        // One that is sealed already may have several owners, and is not to be copied for it.
        if buffer.span.bigEndian(at: 1) == length { return }
        for index in 0..<4 { buffer[1 + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(index))) }
    }

    /// Bytes of the message in a sealed frame.
    package static func messageBytes(inFrameOf count: Int) -> Int { max(0, count - prefixLength) }
}

/// Takes messages out of a stream of DATA, however it is cut.
package struct MessageDeframer: Sendable {
    private let maxMessageBytes: Int
    /// What both sides have agreed on for messages that have the compressed flag.
    package var encoding = MessageEncoding.identity
    private var messageEncoding = MessageEncoding.identity
    private var prefix: (bytes: UInt64, count: Int) = (0, 0)
    private var message: [UInt8] = []
    private var missing = 0
    /// All messages so far that are complete, as they were on the wire, without their prefixes.
    package private(set) var messageBytes = 0

    package init(maxMessageBytes: Int) {
        self.maxMessageBytes = maxMessageBytes
    }

    /// True between messages: the stream may end here.
    package var isAtBoundary: Bool { prefix.count == 0 }

    /// Hands each message that `bytes` completes to `deliver`. The limit is checked on the prefix, before anything is
    /// buffered; of a compressed message once more when it is expanded.
    package mutating func receive(
        _ bytes: Span<UInt8>, _ deliver: (consuming ReceivedMessage) throws(RPCError) -> Void
    ) throws(RPCError) {
        var position = 0
        while true {
            while prefix.count < MessageFraming.prefixLength {
                guard position < bytes.count else { return }
                prefix.bytes = prefix.bytes << 8 | UInt64(bytes[position])
                prefix.count += 1
                position += 1
                if prefix.count == MessageFraming.prefixLength { try begin() }
            }
            let take = min(missing, bytes.count - position)
            if take > 0 {
                append(bytes.extracting(position..<position + take))
                position += take
            }
            guard missing == 0 else { return }
            prefix = (0, 0)
            messageBytes += message.count
            let complete = ReceivedMessage(message, messageEncoding, maxBytes: maxMessageBytes)
            message = []
            try deliver(complete)
        }
    }

    /// Begins anew, for another stream.
    package mutating func restart() {
        encoding = .identity
        prefix = (0, 0)
        discard()
        missing = 0
        messageBytes = 0
    }

    /// Lets go of what has arrived of a message; nothing is received after.
    package mutating func discard() { if !message.isEmpty { message = [] } }

    private mutating func begin() throws(RPCError) {
        let length = Int(prefix.bytes & 0xffff_ffff)
        switch prefix.bytes >> 32 {
        case 0: messageEncoding = .identity
        case 1 where encoding == .identity:
            throw RPCError(.internal, "message has the compressed flag, but no grpc-encoding was agreed on")
        case 1: messageEncoding = encoding
        case let flag: throw RPCError(.internal, "message begins with flag byte \(flag), expected 0 or 1")
        }
        guard length <= maxMessageBytes else {
            throw RPCError(.resourceExhausted, "message of \(length) bytes is over the limit of \(maxMessageBytes)")
        }
        missing = length
    }

    private mutating func append(_ bytes: Span<UInt8>) {
        missing -= bytes.count
        if message.isEmpty {
            // Nearly every message comes in one piece.
            if missing == 0 { return message = Array(copying: bytes) }
            // A peer may announce a large message and never send it, so the whole is not reserved on its word.
            message.reserveCapacity(min(bytes.count + missing, 64 * 1024))
        }
        message.append(contentsOf: bytes)
    }
}
