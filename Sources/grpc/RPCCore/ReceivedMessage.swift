import Bytes
import Compression

/// A message as it has arrived: compressed, if its sender has compressed it, until somebody takes its content.
///
/// It is expanded no earlier because 1 KiB on the wire may be 1 MiB then. So messages that wait for their reader cost what
/// flow control has let through, and what has been read of a stream is given back byte for byte.
package struct ReceivedMessage: Hashable, Sendable {
    private let payload: [UInt8]
    private let encoding: MessageEncoding
    private let maxBytes: Int

    /// `encoding` is identity for a message without the compressed flag, whatever its stream has.
    init(_ payload: consuming [UInt8], _ encoding: MessageEncoding, maxBytes: Int) {
        self.payload = payload
        self.encoding = encoding
        self.maxBytes = maxBytes
    }

    /// One that came as it is.
    package init(_ payload: consuming [UInt8]) {
        self.init(payload, .identity, maxBytes: .max)
    }

    /// Bytes on the wire, without the prefix.
    package var count: Int { payload.count }
    package var isCompressed: Bool { encoding != .identity }

    /// The message itself. Throws RESOURCE_EXHAUSTED as soon as more than the limit has come out of it, and INTERNAL for
    /// what is no compressed message, or less or more than one.
    package consuming func content() throws(RPCError) -> [UInt8] {
        guard let format = encoding.format else { return payload }
        do {
            return try format.expand(payload.span, atMost: maxBytes)
        } catch {
            throw problem(error)
        }
    }

    private func problem(_ error: InflationError) -> RPCError {
        let message = "message of \(payload.count) bytes, compressed as \(encoding.rawValue),"
        return switch error {
        case .overLimit: RPCError(.resourceExhausted, "\(message) expands to more than the limit of \(maxBytes) bytes")
        case .noMemory: RPCError(.resourceExhausted, "\(message) cannot be expanded for want of memory")
        case .incomplete: RPCError(.internal, "\(message) is not complete")
        case .trailing(let count): RPCError(.internal, "\(message) has \(count) bytes behind its end")
        case .malformed(let reason): RPCError(.internal, "\(message) cannot be expanded: \(reason)")
        }
    }
}
