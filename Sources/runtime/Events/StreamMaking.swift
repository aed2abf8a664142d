package import Addresses
package import System

/// Makes the streams of a client: plain sockets, or filters over the streams that another dialer makes.
package protocol Dialer: Sendable {
    /// Begins to connect; `streamConnected` or `streamClosed` tells the outcome. Throws what fails at once. On `loop`'s
    /// thread.
    func dial(
        _ address: SocketAddress, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream
}

/// Makes the streams of a server.
package protocol StreamAcceptor: Sendable {
    /// Takes over a connection, also if it throws. On `loop`'s thread.
    func accept(
        _ connection: AcceptedConnection, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream
}

/// Streams without a filter.
package struct PlainSockets: Dialer, StreamAcceptor {
    package init() {}

    package func dial(
        _ address: SocketAddress, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream {
        try SocketStream(connectingTo: address, on: loop, delegate: delegate)
    }

    package func accept(
        _ connection: AcceptedConnection, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream {
        try SocketStream(adopting: connection.descriptor, peer: connection.peer, on: loop, delegate: delegate)
    }
}
