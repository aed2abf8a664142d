package import Events

/// A gRPC server without a listener of its own: its clients come to somebody else's, and are told by HTTP/2's preface.
/// Nothing is made before the first of them. Loop thread only.
package final class SideServer: StreamServer {
    /// The first line of the preface (RFC 9113 section 3.4), which no request of HTTP/1 has: PRI is not a method. Whether the
    /// rest of it comes, and in time, the session sees to.
    package let opening = Array("PRI * HTTP/2.0\r\n".utf8)
    package var ended: () -> Void = {}
    private let loop: EventLoop
    private let configuration: RPCServer.Configuration
    private let services: () -> RPCServer.Services
    private var isDraining = false
    private var server: LoopServer?

    /// `services` is called once, with the first client.
    package init(
        on loop: EventLoop, configuration: RPCServer.Configuration, services: @escaping () -> RPCServer.Services
    ) {
        self.loop = loop
        self.configuration = configuration
        self.services = services
    }

    package func take(_ stream: any ByteStream, after bytes: Span<UInt8>) {
        guard !isDraining else {
            stream.close()
            return ended()
        }
        let server = server ?? makeServer()
        self.server = server
        server.take(stream, after: bytes)
    }

    private func makeServer() -> LoopServer {
        LoopServer(
            on: loop, configuration: configuration, acceptor: PlainSockets(),
            budget: MessageBudget(limit: configuration.messageBufferBytes), services: services()
        ) { [weak self] in self?.ended() }
    }

    package func drain() {
        isDraining = true
        server?.drain {}
    }

    package func closeAll() { server?.closeAll() }
}
