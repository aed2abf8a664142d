package import Protobuf
import RPCClient
package import RPCCore

/// The messages of a streaming answer, one after the other; it owns the call, see `ReplyStream`.
package struct MessageReader<Message: ProtobufMessage>: ~Copyable {
    private let method: MethodDescriptor
    private var replies: ReplyStream

    init(_ method: MethodDescriptor, _ replies: consuming ReplyStream) {
        self.method = method
        self.replies = replies
    }

    /// The next message; nil once the server has ended the call with OK.
    package mutating func next() async throws(RPCError) -> Message? {
        guard let bytes = try await replies.next() else { return nil }
        return try decodeReply(bytes, of: method)
    }
}

func decodeReply<Reply: ProtobufMessage>(
    _ bytes: [UInt8], of method: MethodDescriptor
) throws(RPCError) -> Reply {
    do throws(ProtobufError) {
        return try Reply(decoding: bytes)
    } catch {
        throw RPCError(.internal, "the reply of \(method.path) cannot be decoded: \(error)")
    }
}
