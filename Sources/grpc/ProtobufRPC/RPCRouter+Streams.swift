package import Protobuf
package import RPCCore
package import RPCServer

extension ServerStream: MessageSource {}

/// Methods whose request is any number of messages.
extension RPCRouter {
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

    /// Serves a bidirectional method with protobuf messages.
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
