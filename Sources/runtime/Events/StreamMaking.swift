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

/// Serves streams that somebody else has accepted and begun to read, because their clients speak another protocol than
/// his. Of one loop.
package protocol StreamServer: AnyObject {
    /// What such a stream begins with: a line, and its end.
    var opening: [UInt8] { get }
    /// Hears of each stream that it has taken, once, when that is over.
    var ended: () -> Void { get set }

    /// Takes a stream over, of which `bytes` have been read. Called when these arrive.
    func take(_ stream: any ByteStream, after bytes: Span<UInt8>)
    /// Lets what is under way come to its end, and closes each stream then. Streams that are taken later are closed at
    /// once.
    func drain()
    func closeAll()
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
