import Addresses
import Events
import System

/// Two connections tied together: what arrives on one leaves on the other, in both directions, until both have ended.
///
/// A side that does not take its bytes stops the other side's reading (at 256 KiB), so that memory stays bounded. An end
/// of input becomes an end of output; a connection that breaks breaks the other.
final class RelayedConnection {
    private static let mostPending = 256 * 1024

    /// One direction's source; the streams keep it alive, and it its counterpart.
    private final class Side: ByteStreamDelegate {
        var stream: (any ByteStream)?
        var other: Side?
        private var inputEnded = false

        func streamConnected() { other?.stream?.isReading = true }

        func streamReceived(_ bytes: Span<UInt8>) {
            guard let target = other?.stream else { return }
            target.write(bytes)
            if target.pendingBytes > RelayedConnection.mostPending { stream?.isReading = false }
        }

        func streamDrained() {
            other?.stream?.isReading = true
            closeIfDone()
        }

        func streamReachedEnd() {
            inputEnded = true
            other?.stream?.endWriting()
            closeIfDone()
            other?.closeIfDone()
        }

        /// Nothing comes from either side any more, and nothing waits to go.
        private func closeIfDone() {
            guard inputEnded, let other, other.inputEnded, stream?.pendingBytes ?? 0 == 0,
                other.stream?.pendingBytes ?? 0 == 0
            else { return }
            stream?.close()
        }

        func streamClosed(_ error: SystemError?) {
            stream = nil
            let other = other
            self.other = nil
            // What is still pending for the other side goes out before its connection ends.
            if error == nil { other?.stream?.finish() } else { other?.stream?.abort() }
        }
    }

    static func start(_ connection: AcceptedConnection, to pod: SocketAddress, on loop: EventLoop) {
        let client = Side()
        let server = Side()
        do {
            client.stream = try SocketStream(
                adopting: connection.descriptor, peer: connection.peer, on: loop, delegate: client)
        } catch {
            // The descriptor is closed already.
            return
        }
        do {
            // What the client sends in the meantime waits in the kernel.
            client.stream?.isReading = false
            server.stream = try SocketStream(connectingTo: pod, on: loop, delegate: server)
            client.other = server
            server.other = client
        } catch {
            client.stream?.abort()
        }
    }
}
