package import ProtobufRPC
package import RPCClient
package import RPCCore

/// Calls `sample.service.HelloWorld` over a channel.
package struct HelloWorldClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func sayHello(
        _ request: HelloRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> HelloReply {
        try await channel.unary(HelloWorld.sayHello, request, options: options)
    }

    /// The replies, as they come; the call begins at once, and ends when what is returned goes out of scope. Loop thread
    /// only.
    package func streamHello(
        _ request: StreamHelloRequest, options: CallOptions = CallOptions()
    ) throws(RPCError) -> MessageReader<HelloReply> {
        try channel.serverStreaming(HelloWorld.streamHello, request, options: options)
    }
}
