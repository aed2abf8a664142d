package import Addresses
package import Events
package import HTTP2
import RPCTransport
package import System
import TestSupport

/// An HTTP/2 peer over a socket, as a client or as one connection of a server. Loop thread only.
package final class RawPeer: HTTP2ConnectionDelegate {
    package let record: SessionRecord
    package let watch: Watch
    package let loop: EventLoop
    package private(set) var isClosed = false
    private var connection: HTTP2Connection?

    /// Connects as a client.
    package init(to address: SocketAddress, on loop: EventLoop, _ configuration: HTTP2Configuration = .defaults) throws
    {
        self.loop = loop
        record = try SessionRecord(.client, configuration)
        watch = Watch(on: loop)
        let connection = begin(TransportContext(on: loop))
        connection.run(on: try TestStreams.peerDialer.dial(address, on: loop, delegate: connection))
    }

    /// Serves one connection.
    package init(
        _ accepted: AcceptedConnection, on loop: EventLoop, _ configuration: HTTP2Configuration = .defaults
    ) throws {
        self.loop = loop
        record = try SessionRecord(.server, configuration)
        watch = Watch(on: loop)
        let connection = begin(TransportContext(on: loop))
        connection.run(
            on: try TestStreams.peerAcceptor.accept(accepted, on: loop, delegate: connection))
    }

    private func begin(_ context: TransportContext) -> HTTP2Connection {
        let connection = HTTP2Connection(record.session, context: context, delegate: self)
        self.connection = connection
        let watch = watch
        record.changed = { watch.changed() }
        return connection
    }

    package var session: HTTP2Session { record.session }

    /// Sends what the session has to say at the end of this turn.
    package func flush() { connection?.setNeedsFlush() }
    package func close() { connection?.close(because: "the test says so") }

    /// Opens a stream. Without a `body` it stays open.
    package func request(_ fields: [(name: String, value: String)], body: [UInt8]?) throws -> StreamRecord {
        defer { flush() }
        return try record.request(fields, body: body)
    }

    /// Answers a unary call with OK.
    package func answer(_ stream: StreamRecord, _ message: [UInt8] = []) {
        guard let stream = stream.stream else { return }
        session.respond(
            stream, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]), body: frame(message),
            trailers: HeaderBlock([("grpc-status", "0")]))
        flush()
    }

    package func reset(_ stream: StreamRecord, _ code: HTTP2ErrorCode) {
        if let stream = stream.stream { session.reset(stream, code) }
        flush()
    }

    package func connectionEstablished() {}
    package func connectionHasRead() {}
    package func connectionLost(_ reason: String, _ error: SystemError?) {}

    package func connectionClosed() {
        isClosed = true
        connection = nil
        watch.changed()
    }
}

/// A server of raw HTTP/2. Loop thread only.
package final class RawServer {
    package private(set) var peers: [RawPeer] = []
    package let watch: Watch
    private var listener: Listener?

    /// `accepted` sets each connection up.
    package init(
        on loop: EventLoop, address: SocketAddress = .loopback, _ configuration: HTTP2Configuration = .defaults,
        accepted: @escaping (RawPeer) -> Void
    ) throws {
        watch = Watch(on: loop)
        listener = try Listener(on: address, loop: loop) { [unowned self] connection in
            guard let peer = try? RawPeer(connection, on: loop, configuration) else { return }
            peers.append(peer)
            accepted(peer)
            watch.changed()
        }
    }

    /// Does with the n-th request, from 1, what `answer` says.
    package static func answering(
        on loop: EventLoop, _ configuration: HTTP2Configuration = .defaults,
        _ answer: @escaping (_ number: Int, RawPeer, StreamRecord) -> Void
    ) throws -> RawServer {
        var count = 0
        return try RawServer(on: loop, configuration) { peer in
            peer.record.requestEnded = { [unowned peer] stream in
                count += 1
                answer(count, peer, stream)
            }
        }
    }

    package var address: SocketAddress { listener?.address ?? .loopback }
    package var requests: [StreamRecord] { peers.flatMap(\.record.streams) }

    package func stopListening() {
        listener?.close()
        listener = nil
    }

    package func stop() {
        stopListening()
        for peer in peers { peer.close() }
    }
}

extension SocketAddress {
    /// A port of the kernel's choice.
    package static let loopback = SocketAddress.ip(.v4(0x7f00_0001), port: 0)
}
