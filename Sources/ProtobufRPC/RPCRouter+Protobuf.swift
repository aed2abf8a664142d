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
            let request: Request
            do throws(ProtobufError) {
                request = try Request(decoding: bytes)
            } catch {
                throw RPCError(.internal, "the request of \(method.path) cannot be decoded: \(error)")
            }
            try await handler(request, context).append(to: &reply)
        }
    }
}
