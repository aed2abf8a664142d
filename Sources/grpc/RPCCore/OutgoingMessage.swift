import Bytes

/// A message on its way out: its bytes, behind room for gRPC's prefix. Whoever sends it seals it, since only the transport
/// knows the encoding that its stream has.
package struct OutgoingMessage: Hashable, Sendable {
    /// `MessageFraming.prefixLength` bytes of room, then the message. To be appended to.
    package var buffer: [UInt8]

    /// `capacity` is about what the message takes.
    package init(capacity: Int = 0) {
        buffer = MessageFraming.makeBuffer(capacity: capacity)
    }

    package init(copying payload: Span<UInt8>) {
        self.init(capacity: payload.count)
        buffer.append(contentsOf: payload)
    }

    /// Bytes of the message itself.
    package var count: Int { MessageFraming.messageBytes(inFrameOf: buffer.count) }

    /// The frame of the message as it is; throws INTERNAL if it is longer than 4 GiB.
    package consuming func sealed() throws(RPCError) -> [UInt8] {
        try MessageFraming.seal(&buffer)
        return buffer
    }
}
