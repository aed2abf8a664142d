import Addresses
import Events
import HTTP2
import RPCCore
import RPCTransport
import Timing

/// One client's connection. Loop thread only.
final class ServerConnection: HTTP2SessionHandler, HTTP2ConnectionDelegate {
    /// A client gets this long to send its preface and SETTINGS.
    private static let prefaceTimeout = Duration.seconds(10)

    let session: HTTP2Session
    let peer: SocketAddress?
    private unowned let owner: LoopServer
    private var connection: HTTP2Connection?
    private var timer: Timer?
    private var lifecycle: ConnectionLifecycle
    /// Requests come in runs for the same method.
    private var lastRoute: (path: [UInt8], route: Route)?

    init(_ accepted: AcceptedConnection, owner: LoopServer) throws {
        self.owner = owner
        peer = accepted.peer
        lifecycle = ConnectionLifecycle(owner.configuration.lifecycle, random: Double.random(in: 0..<1))
        do {
            session = try HTTP2Session(role: .server, configuration: owner.configuration.http2)
        } catch {
            accepted.discard()
            throw error
        }
        session.handler = self
        let connection = HTTP2Connection(session, context: owner.context, delegate: self)
        self.connection = connection
        let stream = try SocketStream(
            adopting: accepted.descriptor, peer: accepted.peer, on: owner.loop, delegate: connection)
        connection.run(on: stream)
        let timer = Timer(on: owner.loop) { [weak self] in self?.timerFired() }
        self.timer = timer
        timer.schedule(after: ServerConnection.prefaceTimeout)
    }

    var loop: EventLoop { owner.loop }
    var configuration: RPCServer.Configuration { owner.configuration }
    var router: RPCRouter { owner.router }
    var worker: RequestWorker { owner.worker }
    var observer: (any ServerObserver)? { owner.observer }

    func setNeedsFlush() { connection?.setNeedsFlush() }

    func route(_ path: [UInt8]) -> Route? {
        if let lastRoute, lastRoute.path == path { return lastRoute.route }
        guard let route = router.route(path) else { return nil }
        lastRoute = (path, route)
        return route
    }

    // MARK: Lifecycle

    func drain() { perform(lifecycle.drain(at: loop.now)) }
    func close() { connection?.close(because: "the server is stopping") }

    private func timerFired() {
        guard lifecycle.hasStarted else { return close() }
        perform(lifecycle.timerFired(at: loop.now))
    }

    private func perform(_ action: ConnectionLifecycle.Action) {
        switch action {
        case .none: break
        case .announceShutdown:
            session.announceShutdown()
            session.ping(ConnectionLifecycle.drainPing)
            setNeedsFlush()
        case .goAway(let debugData):
            session.goAway(.noError, debugData: debugData)
            setNeedsFlush()
        case .close:
            return close()
        }
        timer?.schedule(at: lifecycle.deadline)
    }

    // MARK: HTTP2SessionHandler

    func sessionOpened(_ stream: HTTP2Stream) -> (any HTTP2StreamHandler)? {
        if lifecycle.streamCountMatters { perform(lifecycle.streamOpened(at: loop.now)) }
        return ServerCall(stream: stream, connection: self)
    }

    func sessionReceivedSettings() {
        guard !lifecycle.hasStarted else { return }
        perform(lifecycle.started(at: loop.now))
    }

    func sessionReceivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: Span<UInt8>) {}

    func sessionReceivedPingAck(_ payload: UInt64) {
        guard payload == ConnectionLifecycle.drainPing else { return }
        perform(lifecycle.drainPingAcknowledged(at: loop.now))
    }

    // MARK: HTTP2ConnectionDelegate

    func connectionEstablished() {}

    func connectionHasRead() {
        worker.run()
        if lifecycle.streamCountMatters, session.streamCount == 0 { perform(lifecycle.streamsEnded(at: loop.now)) }
    }

    func connectionLost(_ reason: String) {}

    func connectionClosed() {
        timer?.cancel()
        timer = nil
        connection = nil
        owner.closed(self)
    }
}
