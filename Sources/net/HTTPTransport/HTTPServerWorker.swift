import Bytes
import Events
import HTTP
import System
import Telemetry
import Timing

/// The connections of one loop, and what they share.
final class HTTPServerWorker {
    let loop: EventLoop
    let configuration: HTTPServerConfiguration
    let sampler: TraceSampler?
    let router: HTTPRouter
    let finished: (HTTPAccess) -> Void
    /// Who gets the connections that do not begin with HTTP/1.1.
    let guest: (any StreamServer)?
    private let acceptor: any StreamAcceptor
    private let closed: () -> Void
    private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
    private var dateText = (validUntil: Instant(nanoseconds: .min), text: "")

    private(set) var stopping = HTTP1ServerSession.Stopping.no
    /// For ids only, which need not be secret.
    var generator = SplitMix64(seed: UInt64.random(in: 0 ... .max))

    init(
        on loop: EventLoop, configuration: HTTPServerConfiguration, acceptor: any StreamAcceptor, router: HTTPRouter,
        guest: (any StreamServer)? = nil, finished: @escaping (HTTPAccess) -> Void, closed: @escaping () -> Void
    ) {
        self.loop = loop
        self.configuration = configuration
        sampler = configuration.sampler
        self.acceptor = acceptor
        self.router = router
        self.finished = finished
        self.closed = closed
        self.guest = guest
        guest?.ended = closed
    }

    func adopt(_ accepted: AcceptedConnection) {
        let connection = HTTPServerConnection(worker: self, peer: accepted.peer)
        do {
            let stream = try acceptor.accept(accepted, on: loop, delegate: connection)
            connections[ObjectIdentifier(connection)] = connection
            connection.start(on: stream)
        } catch {
            // epoll had no room for it; the stream has closed the descriptor.
            closed()
        }
    }

    func connectionClosed(_ connection: HTTPServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        closed()
    }

    /// The guest has it now, and tells of its end.
    func connectionLeft(_ connection: HTTPServerConnection) { connections[ObjectIdentifier(connection)] = nil }

    func stop(_ stopping: HTTP1ServerSession.Stopping) {
        self.stopping = max(self.stopping, stopping)
        for connection in connections.values { connection.stop(stopping) }
        if stopping == .closingIdle { guest?.drain() }
    }

    func closeAll() {
        for connection in connections.values { connection.close() }
        guest?.closeAll()
    }

    /// The Date field's value, made once a second: when the wall clock's second begins, because a date that lags behind
    /// would lie before the Last-Modified of a file that has just been written (RFC 9110 section 8.8.2.1).
    var date: String {
        if loop.now >= dateText.validUntil {
            let (seconds, nanoseconds) = WallClock.now
            dateText = (
                MonotonicClock.now + .nanoseconds(1_000_000_000 - nanoseconds), HTTPDate.format(unixSeconds: seconds)
            )
        }
        return dateText.text
    }
}
