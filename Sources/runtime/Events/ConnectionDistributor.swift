package import Addresses
package import System
import Timing

/// Accepts connections on one address and hands each to the place, a loop of the server's, that has the fewest.
/// SO_REUSEPORT would spread a handful of connections unevenly. At the limit accepting pauses, and further connections
/// wait in the kernel's backlog. Loop thread only.
package final class ConnectionDistributor {
    private let loop: EventLoop
    private let limit: Int
    private var counts: [Int]
    private let warned: (String) -> Void
    private var handOut: (AcceptedConnection, _ place: Int) -> Void
    private var listener: Listener?
    private var nextWarning = Instant(nanoseconds: .min)

    /// The address bound, with the real port if 0 was asked for.
    package let address: SocketAddress

    /// Listens at once. `warned` hears of a limit that is reached, once a second at most; whoever gets a connection says
    /// by `connectionEnded` when it is over.
    package init(
        on address: SocketAddress, loop: EventLoop, places: Int, limit: Int, warned: @escaping (String) -> Void,
        handOut: @escaping (AcceptedConnection, _ place: Int) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.limit = limit
        self.warned = warned
        self.handOut = handOut
        counts = Array(repeating: 0, count: places)
        // The listener's callback needs `self`, which is whole only once the listener exists.
        let accepting = Accepting()
        let listener = try Listener(on: address, loop: loop) { accepting.distributor?.accepted($0) }
        self.listener = listener
        self.address = listener.address
        accepting.distributor = self
    }

    private final class Accepting {
        weak var distributor: ConnectionDistributor?
    }

    package var connectionCount: Int { counts.reduce(0, +) }

    private func accepted(_ connection: AcceptedConnection) {
        guard let least = counts.indices.min(by: { counts[$0] < counts[$1] }) else { return connection.discard() }
        counts[least] += 1
        if connectionCount >= limit { pause() }
        handOut(connection, least)
    }

    /// A server at its limit gets there again with every connection that ends.
    private func pause() {
        listener?.isPaused = true
        guard loop.now >= nextWarning else { return }
        nextWarning = loop.now + .seconds(1)
        warned("all \(limit) connections are in use; new ones wait to be accepted")
    }

    package func connectionEnded(at place: Int) {
        counts[place] -= 1
        guard let listener, listener.isPaused, connectionCount < limit else { return }
        listener.isPaused = false
    }

    /// Stops listening; connections go on.
    package func close() {
        listener?.close()
        listener = nil
        // It leads to the places, and they lead back here.
        handOut = { connection, _ in connection.discard() }
    }
}
