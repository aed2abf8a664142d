package import Addresses
import Bytes
package import Events
package import System
import TestSupport

/// The other end of a connection, as bytes. Loop thread only.
package final class ByteRecord: ByteStreamDelegate {
    package let watch: Watch
    package private(set) var received: [UInt8] = []
    package private(set) var isEnded = false
    package private(set) var isClosed = false
    private let loop: EventLoop
    private var stream: (any ByteStream)?

    package init(on loop: EventLoop) {
        self.loop = loop
        watch = Watch(on: loop)
    }

    package func connect(to address: SocketAddress) throws {
        stream = try TestStreams.peerDialer.dial(address, on: loop, delegate: self)
    }

    package func adopt(_ accepted: AcceptedConnection) throws {
        stream = try TestStreams.peerAcceptor.accept(accepted, on: loop, delegate: self)
    }

    package func send(_ bytes: [UInt8]) { stream?.write(bytes.span) }
    package func close() { stream?.close() }

    package var isReading: Bool {
        get { stream?.isReading ?? false }
        set { stream?.isReading = newValue }
    }

    package func streamReceived(_ bytes: Span<UInt8>) {
        received.append(contentsOf: bytes)
        watch.changed()
    }

    package func streamReachedEnd() {
        isEnded = true
        stream?.close()
    }

    package func streamClosed(_ error: SystemError?) {
        isClosed = true
        stream = nil
        watch.changed()
    }
}
