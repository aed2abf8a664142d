package import Addresses
package import Events
package import HTTP
package import System
package import Telemetry
import Timing

package struct HTTPServerConfiguration: Equatable, Sendable {
    package var limits = HTTP1Limits.defaults
    /// Connections open at once; accepting pauses there, and more clients wait in the kernel's backlog.
    package var maximumConnections = 10_000
    /// Bytes of further pipelined requests kept while one is being answered; then reading stops.
    package var pipelinedBytes = 64 * 1024
    /// Bytes of output that the peer has not taken; then no further pipelined request is started.
    package var pendingOutputBytes = 256 * 1024

    /// How slowly a client may take a file, in bytes a second on average over `limits.responseWriteTime`.
    package var slowestFileReading = 16 * 1024

    /// Whether each response has the request's id in X-Request-Id, so that the client can ask about it.
    package var namesRequests = false

    /// Which traces are recorded here; nil: none.
    package var sampler: TraceSampler?

    package init() {}

    package static let defaults = HTTPServerConfiguration()

    var bounds: HTTP1ServerSession.Bounds {
        HTTP1ServerSession.Bounds(
            pipelinedBytes: pipelinedBytes, pendingOutputBytes: pendingOutputBytes,
            slowestFileReading: slowestFileReading)
    }
}

/// An HTTP/1.1 server: accepts on one loop and hands each connection to the loop that has the fewest. Belongs to the loop
/// it was made on.
package final class HTTPServer {
    private let loop: EventLoop
    /// One for each serving loop.
    private let workers: [LoopSlot<HTTPServerWorker>]
    private let distributor: ConnectionDistributor
    private var stopped: [() -> Void] = []
    private var isStopping = false
    private var graceTimer: Timer?

    /// Where the server listens, with the real port if 0 was asked for.
    package var address: SocketAddress { distributor.address }

    /// Listens at once. `loops` serve the connections; empty means the current loop alone.
    ///
    /// `makeRouter` is called once on each loop, so that handlers may capture objects of that loop. `warned` hears, on
    /// `loop`, of what an operator should know; `finished` is called on a connection's loop after each request.
    /// `makeGuest`, called once on each loop, makes who gets the connections that begin with his `opening`; they count as
    /// this server's, and end with it.
    package init(
        on address: SocketAddress, loop: EventLoop, servingOn loops: [EventLoop] = [],
        configuration: HTTPServerConfiguration = .defaults, acceptor: any StreamAcceptor = PlainSockets(),
        warned: @escaping (String) -> Void = { _ in },
        finished: @escaping @Sendable (HTTPAccess) -> Void = { _ in },
        makeGuest: @escaping @Sendable (EventLoop) -> (any StreamServer)? = { _ in nil },
        makeRouter: @escaping @Sendable (EventLoop) -> HTTPRouter
    ) throws(SystemError) {
        self.loop = loop
        let workers = (loops.isEmpty ? [loop] : loops).map { LoopSlot<HTTPServerWorker>(on: $0) }
        self.workers = workers
        distributor = try ConnectionDistributor(
            on: address, loop: loop, places: workers.count, limit: configuration.maximumConnections, warned: warned
        ) { connection, place in
            workers[place].perform { $0.adopt(connection) }
        }
        let bound = LoopBound(self, on: loop)
        for (index, slot) in workers.enumerated() {
            slot.fill {
                HTTPServerWorker(
                    on: slot.loop, configuration: configuration, acceptor: acceptor, router: makeRouter(slot.loop),
                    guest: makeGuest(slot.loop), finished: finished
                ) {
                    loop.executeHereOrLater { bound.value.connectionClosed(at: index) }
                }
            }
        }
    }

    package var connectionCount: Int { distributor.connectionCount }

    private func connectionClosed(at worker: Int) {
        distributor.connectionEnded(at: worker)
        reportIfStopped()
    }

    /// From now on every response asks its client to close; new connections are still accepted. Call it while the
    /// server is being taken out of its clients' sight, and few connections are left to close under a client's hand.
    package func announceStop() {
        for worker in workers { worker.perform { $0.stop(.announced) } }
    }

    /// Stops listening, closes idle connections, and lets busy ones finish their request; what is still open after
    /// `grace` is closed. `completion` is called on this server's loop when no connection is left.
    package func stop(grace: Duration, completion: @escaping () -> Void) {
        loop.preconditionCurrent()
        stopped.append(completion)
        isStopping = true
        distributor.close()
        for worker in workers { worker.perform { $0.stop(.closingIdle) } }
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
