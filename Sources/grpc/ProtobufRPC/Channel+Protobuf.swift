package import Protobuf
package import RPCClient
package import RPCCore

extension Channel {
    /// One unary call with protobuf messages.
    package func unary<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, _ request: Request, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Reply {
        let response = try await unary(method, request: encode(request), options: options)
        return try decodeReply(response.message, of: method)
    }

    /// One server-streaming call with protobuf messages, which begins at once. Loop thread only.
    package func serverStreaming<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, _ request: Request, options: CallOptions = CallOptions()
    ) throws(RPCError) -> MessageReader<Reply> {
        MessageReader(method, serverStreaming(method, request: try encode(request), options: options))
    }
}

/// A sealed frame.
private func encode(_ request: some ProtobufMessage) throws(RPCError) -> [UInt8] {
    var frame = MessageFraming.makeBuffer(capacity: 64)
    request.append(to: &frame)
    try MessageFraming.seal(&frame)
    return frame
}

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
