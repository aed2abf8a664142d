package import Protobuf
package import RPCClient
package import RPCCore

extension Channel {
    /// One unary call with protobuf messages.
    package func unary<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ method: MethodDescriptor, _ request: Request, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Reply {
        var frame = MessageFraming.makeBuffer(capacity: 64)
        request.append(to: &frame)
        try MessageFraming.seal(&frame)
        let response = try await unary(method, request: frame, options: options)
        do throws(ProtobufError) {
            return try Reply(decoding: response.message)
        } catch {
            throw RPCError(.internal, "the reply of \(method.path) cannot be decoded: \(error)")
        }
    }
}
