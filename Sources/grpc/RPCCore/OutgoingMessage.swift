import Bytes
import Compression

/// A message on its way out: its bytes, behind room for gRPC's prefix. Whoever sends it seals it, since only the transport
/// knows the encoding that its stream has.
package struct OutgoingMessage: Hashable, Sendable {
    /// `MessageFraming.prefixLength` bytes of room, then the message. To be appended to.
    package var buffer: [UInt8]
    /// Whether it may be compressed where its stream has an encoding.
    package var isCompressed = true

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

    /// Makes `buffer` the frame of the message, compressed if the stream has an encoding and that makes it smaller; throws
    /// INTERNAL if it is longer than 4 GiB. In place: who only consumed it here would make a copy of every message.
    package mutating func seal(as encoding: MessageEncoding = .identity) throws(RPCError) {
        if isCompressed, let format = encoding.format, let frame = compressed(format) {
            buffer = frame
        } else {
            try MessageFraming.seal(&buffer)
        }
    }

    /// nil if that would not be smaller.
    private func compressed(_ format: DeflateFormat) -> [UInt8]? {
        let message = buffer.span.extracting(droppingFirst: MessageFraming.prefixLength)
        var frame = MessageFraming.makeBuffer()
        guard format.compress(message, atMost: message.count - 1, into: &frame) else { return nil }
        do throws(RPCError) {
            try MessageFraming.seal(&frame)
        } catch {
            return nil
        }
        frame[0] = 1
        return frame
    }
}
