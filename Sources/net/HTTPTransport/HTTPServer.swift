package import Addresses
package import Events
package import System
import Timing

/// An HTTP/1.1 server: accepts on one loop and hands each connection to the loop that has the fewest.
///
/// SO_REUSEPORT would spread few connections unevenly, so one listener decides. Belongs to the loop it was made on.
package final class HTTPServer {
    private let loop: EventLoop
    private let configuration: HTTPServerConfiguration
    /// One for each serving loop.
    private let workers: [LoopSlot<HTTPServerWorker>]
    private var counts: [Int]
    private let warned: (String) -> Void
    private var listener: Listener?
    private var stopped: [() -> Void] = []
    private var isStopping = false
    private var graceTimer: Timer?
    private var nextWarning = Instant(nanoseconds: .min)

    /// Where the server listens, with the real port if 0 was asked for.
    package let address: SocketAddress

    /// Listens at once. `loops` serve the connections; empty means the current loop alone.
    ///
    /// `makeRouter` is called once on each loop, so that handlers may capture objects of that loop. `warned` hears, on
    /// `loop`, of what an operator should know; `finished` is called on a connection's loop after each request.
    package init(
        on address: SocketAddress, loop: EventLoop, servingOn loops: [EventLoop] = [],
        configuration: HTTPServerConfiguration = .defaults, warned: @escaping (String) -> Void = { _ in },
        finished: @escaping @Sendable (HTTPAccess) -> Void = { _ in },
        makeRouter: @escaping @Sendable (EventLoop) -> HTTPRouter
    ) throws(SystemError) {
        self.loop = loop
        self.configuration = configuration
        self.warned = warned
        workers = (loops.isEmpty ? [loop] : loops).map { LoopSlot(on: $0) }
        counts = Array(repeating: 0, count: workers.count)
        // The listener's callback needs `self`, which is whole only once the listener exists.
        let accepting = Accepting()
        let listener = try Listener(on: address, loop: loop) { accepting.server?.accept($0) }
        self.listener = listener
        self.address = listener.address
        accepting.server = self
        let bound = LoopBound(self, on: loop)
        for (index, slot) in workers.enumerated() {
            slot.fill {
                HTTPServerWorker(
                    on: slot.loop, configuration: configuration, router: makeRouter(slot.loop), finished: finished
                ) {
                    loop.executeHereOrLater { bound.value.connectionClosed(at: index) }
                }
            }
        }
    }

    private final class Accepting {
        weak var server: HTTPServer?
    }

    package var connectionCount: Int { counts.reduce(0, +) }

    private func accept(_ connection: AcceptedConnection) {
        guard !isStopping, let least = counts.indices.min(by: { counts[$0] < counts[$1] }) else {
            return connection.discard()
        }
        counts[least] += 1
        if connectionCount >= configuration.maximumConnections { pause() }
        workers[least].perform { $0.adopt(connection) }
    }

    private func connectionClosed(at worker: Int) {
        counts[worker] -= 1
        if connectionCount < configuration.maximumConnections { listener?.isPaused = false }
        reportIfStopped()
    }

    /// Says so at most once a second: a server at its limit gets there again with every connection that ends.
    private func pause() {
        listener?.isPaused = true
        guard loop.now >= nextWarning else { return }
        nextWarning = loop.now + .seconds(1)
        warned("all \(configuration.maximumConnections) connections are in use; new ones wait to be accepted")
    }

    /// From now on every response asks its client to close; new connections are still accepted. Call it while the
    /// server is being taken out of its clients' sight, and few connections are left to close under a client's hand.
    package func announceStop() {
        for worker in workers { worker.perform { $0.drain(closingIdle: false) } }
    }

    /// Stops listening, closes idle connections, and lets busy ones finish their request; what is still open after
    /// `grace` is closed. `completion` is called on this server's loop when no connection is left.
    package func stop(grace: Duration, completion: @escaping () -> Void) {
        loop.preconditionCurrent()
        stopped.append(completion)
        isStopping = true
        listener?.close()
        listener = nil
        for worker in workers { worker.perform { $0.drain(closingIdle: true) } }
        if graceTimer == nil {
            let timer = Timer(on: loop) { [weak self] in
                for worker in self?.workers ?? [] { worker.perform { $0.closeAll() } }
            }
            timer.schedule(after: grace)
            graceTimer = timer
        }
        reportIfStopped()
    }

    /// The same for a task on this server's loop.
    package func stop(grace: Duration) async {
        await withCheckedContinuation { continuation in
            stop(grace: grace) { continuation.resume() }
        }
    }

    private func reportIfStopped() {
        guard isStopping, connectionCount == 0 else { return }
        graceTimer?.cancel()
        // They keep the server alive.
        for worker in workers { worker.empty() }
        let completions = stopped
        stopped = []
        for completion in completions { completion() }
    }
}
