import Protobuf
package import ProtobufRPC
package import RPCCore
package import RPCServer

/// What a server of `sample.service.HelloWorld` does.
package protocol HelloWorldService {
    func sayHello(_ request: HelloRequest, _ context: ServerContext) async throws(RPCError) -> HelloReply
    func streamHello(
        _ request: StreamHelloRequest, _ context: ServerContext, _ replies: MessageWriter<HelloReply>
    ) async throws(RPCError)
}

extension RPCRouter {
    package mutating func add(_ service: some HelloWorldService) {
        unary(HelloWorld.sayHello) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: HelloRequest = try decodeRequest(bytes, of: HelloWorld.sayHello)
            try await service.sayHello(request, context).append(to: &reply)
        }
        serverStreaming(HelloWorld.streamHello) {
            (request: StreamHelloRequest, context: ServerContext, replies: MessageWriter<HelloReply>)
                async throws(RPCError) in
            try await service.streamHello(request, context, replies)
        }
    }
}
