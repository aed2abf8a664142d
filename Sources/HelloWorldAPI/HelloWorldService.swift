package import RPCCore
package import RPCServer
import ProtobufRPC

/// What a server of `sample.service.HelloWorld` does.
package protocol HelloWorldService {
    func sayHello(_ request: HelloRequest, _ context: ServerContext) async throws(RPCError) -> HelloReply
}

extension RPCRouter {
    package mutating func add(_ service: some HelloWorldService) {
        unary(HelloWorld.sayHello) { (request: HelloRequest, context: ServerContext) async throws(RPCError) in
            try await service.sayHello(request, context)
        }
    }
}
