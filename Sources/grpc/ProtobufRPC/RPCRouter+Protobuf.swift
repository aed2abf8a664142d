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
        stream(method, isApplication: isApplication) { (stream: ServerStream) async throws(RPCError) in
            // nil is not to be expected: a call without its one message fails before it is handed out.
            guard let request = try await stream.receive() else { return }
            try await handler(decodeRequest(request, of: method), stream.context, MessageWriter(stream))
        }
    }

    /// Serves a client-streaming method with protobuf messages.
    package mutating func clientStreaming<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, isApplication: Bool = true,
        _ handler: @escaping (MessageReader<Request>, ServerContext) async throws(RPCError) -> Reply
    ) {
        stream(method, isApplication: isApplication) { (stream: ServerStream) async throws(RPCError) in
            let reply = try await handler(MessageReader(requestsOf: method, from: stream), stream.context)
            try await stream.send(OutgoingMessage(reply))
        }
    }

    /// Serves a bidirectional method with protobuf messages. Requests may be read by one task while another replies.
    package mutating func bidirectional<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, isApplication: Bool = true,
        _ handler:
            @escaping (MessageReader<Request>, ServerContext, MessageWriter<Reply>) async throws(RPCError) -> Void
    ) {
        stream(method, isApplication: isApplication) { (stream: ServerStream) async throws(RPCError) in
            try await handler(
                MessageReader(requestsOf: method, from: stream), stream.context, MessageWriter(stream))
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

/// Sends the messages of a streaming answer; see `ServerStream.send`.
package struct MessageWriter<Message: ProtobufMessage> {
    private let stream: ServerStream

    init(_ stream: ServerStream) {
        self.stream = stream
    }

    /// `isCompressed`: whether the message may be, where the answer has an encoding.
    package func send(_ message: Message, isCompressed: Bool = true) async throws(RPCError) {
        var outgoing = OutgoingMessage(message)
        outgoing.isCompressed = isCompressed
        try await stream.send(outgoing)
    }
}
