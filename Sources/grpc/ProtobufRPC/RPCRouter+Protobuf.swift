package import Protobuf
package import RPCCore
package import RPCServer

extension RPCRouter {
    /// Serves a unary method with protobuf messages.
    package mutating func unary<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, isApplication: Bool = true,
        _ handler: @escaping (Request, ServerContext) async throws(RPCError) -> Reply
    ) {
        unary(method, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            try await handler(decodeRequest(bytes, of: method), context).append(to: &reply)
        }
    }

    /// Serves a server-streaming method with protobuf messages.
    package mutating func serverStreaming<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, isApplication: Bool = true,
        _ handler: @escaping (Request, ServerContext, MessageWriter<Reply>) async throws(RPCError) -> Void
    ) {
        serverStreaming(method, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, replies: ReplyWriter) async throws(RPCError) in
            try await handler(decodeRequest(bytes, of: method), context, MessageWriter(replies))
        }
    }
}

/// For handlers that decode by themselves, as generated ones do: a call without the closure in between costs 800
/// instructions less.
package func decodeRequest<Request: ProtobufMessage>(
    _ bytes: [UInt8], of method: MethodDescriptor
) throws(RPCError) -> Request {
    do throws(ProtobufError) {
        return try Request(decoding: bytes)
    } catch {
        throw RPCError(.internal, "the request of \(method.path) cannot be decoded: \(error)")
    }
}

/// Sends the messages of a streaming answer; see `ReplyWriter`.
package struct MessageWriter<Message: ProtobufMessage> {
    private let replies: ReplyWriter

    init(_ replies: ReplyWriter) {
        self.replies = replies
    }

    package func send(_ message: Message) async throws(RPCError) {
        var frame = MessageFraming.makeBuffer(capacity: 64)
        message.append(to: &frame)
        try MessageFraming.seal(&frame)
        try await replies.send(frame)
    }
}
