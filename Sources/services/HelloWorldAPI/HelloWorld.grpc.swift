// Written by protoc-gen-sample from sample/service/hello_world.proto: change that, then run `make proto`.

import Protobuf
package import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `sample.service.HelloWorld`: the names of its methods.
package enum HelloWorld {
    package static let service = "sample.service.HelloWorld"
    package static let sayHello = MethodDescriptor(service: service, method: "SayHello")
    package static let streamHello = MethodDescriptor(service: service, method: "StreamHello", type: .serverStreaming)
}

/// Says hello, and who said it: the replies show how calls spread over the pods.
package protocol HelloWorldService {
    /// Request metadata `x-delay` (`250ms`, `15s`; at most 60 s) makes the server wait before it answers.
    func sayHello(_ request: HelloRequest, _ context: ServerContext) async throws(RPCError) -> HelloReply

    /// Sends `count` replies, `interval_ms` apart.
    func streamHello(
        _ request: StreamHelloRequest, _ context: ServerContext, _ replies: MessageWriter<HelloReply>
    ) async throws(RPCError)
}

extension RPCRouter {
    /// Serves `sample.service.HelloWorld`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some HelloWorldService, isApplication: Bool = true) {
        unary(HelloWorld.sayHello, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: HelloRequest = try decodeRequest(bytes, of: HelloWorld.sayHello)
            try await service.sayHello(request, context).append(to: &reply)
        }
        serverStreaming(HelloWorld.streamHello, isApplication: isApplication) {
            (request: StreamHelloRequest, context: ServerContext, replies: MessageWriter<HelloReply>)
                async throws(RPCError) in
            try await service.streamHello(request, context, replies)
        }
    }
}

/// Calls `sample.service.HelloWorld` over a channel, on the channel's loop.
package struct HelloWorldClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    /// Request metadata `x-delay` (`250ms`, `15s`; at most 60 s) makes the server wait before it answers.
    package func sayHello(
        _ request: HelloRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> HelloReply {
        try await channel.unary(HelloWorld.sayHello, request, options: options)
    }

    /// Sends `count` replies, `interval_ms` apart.
    package func streamHello(
        _ request: StreamHelloRequest, options: CallOptions = CallOptions()
    ) throws(RPCError) -> MessageReader<HelloReply> {
        try channel.serverStreaming(HelloWorld.streamHello, request, options: options)
    }
}
