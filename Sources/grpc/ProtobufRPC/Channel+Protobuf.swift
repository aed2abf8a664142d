package import Protobuf
package import RPCClient
package import RPCCore

extension Channel {
    /// One unary call with protobuf messages.
    package func unary<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, _ request: Request, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Reply {
        let response = try await unary(method, request: OutgoingMessage(request), options: options)
        return try decodeReply(response.message, of: method)
    }

    /// One server-streaming call with protobuf messages, which begins at once, and ends when the last copy of what is
    /// returned goes. Loop thread only.
    package func serverStreaming<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, _ request: Request, options: CallOptions = CallOptions()
    ) throws(RPCError) -> MessageReader<Reply> {
        MessageReader(repliesOf: try stream(method, request: OutgoingMessage(request), options: options))
    }

    /// One client-streaming call with protobuf messages, which begins at once. Loop thread only.
    package func clientStreaming<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, options: CallOptions = CallOptions()
    ) -> ClientStreamingCall<Request, Reply> {
        ClientStreamingCall(stream(method, options: options))
    }

    /// One bidirectional call with protobuf messages, which begins at once. Loop thread only.
    package func bidirectional<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, options: CallOptions = CallOptions()
    ) -> BidirectionalCall<Request, Reply> {
        BidirectionalCall(stream(method, options: options))
    }
}

extension OutgoingMessage {
    package init(_ message: some ProtobufMessage) {
        self.init(capacity: 64)
        message.append(to: &buffer)
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
