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
        unary(HelloWorld.sayHello) { (request: HelloRequest, context: ServerContext) async throws(RPCError) in
            try await service.sayHello(request, context)
        }
        serverStreaming(HelloWorld.streamHello) {
            (request: StreamHelloRequest, context: ServerContext, replies: MessageWriter<HelloReply>)
                async throws(RPCError) in
            try await service.streamHello(request, context, replies)
        }
    }
}
