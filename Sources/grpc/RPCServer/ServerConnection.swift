import Addresses
import Events
import HTTP2
import RPCCore
import RPCTransport
import System
import Timing

/// One client's connection. Loop thread only.
final class ServerConnection: HTTP2SessionHandler, HTTP2ConnectionDelegate {
    /// A client gets this long to send its preface and SETTINGS, and twice as long if TLS comes first, which has a limit of
    /// 10 s and says so when it ends.
    private static let prefaceTimeout = Duration.seconds(10)

    let session: HTTP2Session
    /// No other connection of this process has it.
    let number = EntityNumber.next()
    var figures = SocketFigures()
    var calls = CallFigures()
    private var goAway: HTTP2ErrorCode?
    let peer: SocketAddress?
    /// Strong: a handler that is deaf to cancellation may outlive the server. The owner lets go of what has closed.
    private let owner: LoopServer
    private var connection: HTTP2Connection?
    private var timer: Timer?
    private var lifecycle: ConnectionLifecycle
    private var keepalive: KeepaliveMachine
    private var pings: PingEnforcement
    private var resets: TokenBucket
    private var isCutOff = false
    /// What its calls hold of the server's room for messages.
    private var held = 0
    /// What was unread when it was last looked after, and since when it has been so much.
    private var unread: (bytes: Int, since: Instant) = (0, .distantFuture)
    /// Calls that are over, for the next ones: making one, its stream and its timer takes 700 instructions.
    private var spareCalls: [ServerCall] = []
    /// Of a kilobyte each.
    private static let spareLimit = 16
    private(set) var heads: RecentHeads
    /// Requests come in runs for the same method.
    private var lastPath: [UInt8] = []
    private var lastRoute: Route?

    /// `attach` gives the stream, whose delegate is what it is called with.
    init(
        _ session: HTTP2Session, with peer: SocketAddress?, owner: LoopServer,
        attach: (HTTP2Connection) throws(SystemError) -> any ByteStream
    ) throws(SystemError) {
        self.session = session
        self.owner = owner
        self.peer = peer
        let configuration = owner.configuration
        lifecycle = ConnectionLifecycle(configuration.lifecycle, random: Double.random(in: 0..<1))
        keepalive = KeepaliveMachine(configuration.keepalive, at: owner.loop.now)
        pings = PingEnforcement(configuration.pingEnforcement)
        heads = RecentHeads(maxHeaderListBytes: Int(configuration.http2.maxHeaderListSize))
        resets = TokenBucket(
            burst: configuration.http2.resetBurst, perSecond: configuration.http2.resetRate, at: owner.loop.now)
        session.handler = self
        let connection = HTTP2Connection(session, context: owner.context, delegate: self)
        self.connection = connection
        let isEncrypted: Bool
        do {
            let stream = try attach(connection)
            isEncrypted = stream.agreement.isEncrypted
            connection.run(on: stream)
        } catch {
            connection.close(because: error.description)
            throw error
        }
        let timer = Timer(on: owner.loop) { [unowned self] in timerFired() }
        self.timer = timer
        timer.schedule(after: ServerConnection.prefaceTimeout * (isEncrypted ? 2 : 1))
    }

    var loop: EventLoop { owner.loop }
    var configuration: RPCServer.Configuration { owner.configuration }
    var router: RPCRouter { owner.router }
    var worker: RequestWorker { owner.worker }
    var answerHead: FixedHeaders { owner.answerHead }
    var tracers: [any ServerTracer] { owner.tracers }
    var tracesMessages: Bool { owner.tracesMessages }
    var isDraining: Bool { lifecycle.isDraining }

    /// A call has submitted something to send.
    func answerSubmitted() { connection?.setNeedsFlush() }

    /// A call's stream has closed, within a read or within a write. `isWhole`: its answer has left with its end.
    func streamClosed(isWhole: Bool) {
        figures.streamEnded(isWhole)
        if lifecycle.streamCountMatters, session.streamCount == 0 { perform(lifecycle.streamsEnded(at: loop.now)) }
    }

    // MARK: What it can be asked

    var name: SocketName { SocketName(number, from: peer, to: connection?.localAddress) }

    var report: SocketReport {
        SocketReport(name, isServers: true, of: connection, remote: peer, figures: figures, goAway: goAway)
    }

    func read(head fields: borrowing FieldBlock) { heads.read(fields) }

    func route(_ path: [UInt8]) -> Route? {
        if lastPath == path { return lastRoute }
        guard let route = router.route(path) else { return nil }
        lastPath = path
        lastRoute = route
        return route
    }

    // MARK: Memory

    /// Lets a call hold so many bytes; false if there is no room for them.
    func hold(_ count: Int) -> Bool {
        guard owner.hold(count, beside: held) else { return false }
        held += count
        return true
    }

    func letGo(_ count: Int) {
        held -= count
        owner.letGo(count)
    }

    /// Ends what holds memory and has not gone on for `messageTimeout`. `isShort`: there was no room for somebody.
    func sweep(isShort: Bool) {
        if held > 0 { session.forEachStream { ($0.handler as? ServerCall)?.sweep(at: loop.now, isShort: isShort) } }
        let bytes = connection?.unreadBytes ?? 0
        if bytes == 0 || bytes != unread.bytes {
            unread = (bytes, loop.now)
        } else if isShort, loop.now >= unread.since + configuration.messageTimeout {
            connection?.close(because: "the client does not read, and there is no room for others")
        }
    }

    // MARK: Lifecycle

    func drain() { perform(lifecycle.drain(at: loop.now)) }
    func close() { connection?.close(because: "the server is stopping") }

    private func timerFired() {
        guard lifecycle.hasStarted else { return close() }
        switch keepalive.timerFired(at: loop.now, hasStreams: session.streamCount > 0) {
        case .none: break
        case .sendPing:
            session.ping(KeepaliveMachine.payload)
            figures.keepalivesSent += 1
            connection?.setNeedsFlush()
        case .close:
            connection?.close(because: "the client does not answer keepalive PINGs")
            return
        }
        perform(lifecycle.timerFired(at: loop.now))
    }

    private func perform(_ action: ConnectionLifecycle.Action) {
        switch action {
        case .none: break
        case .announceShutdown(let debugData):
            session.announceShutdown(thenPing: ConnectionLifecycle.drainPing, debugData: debugData)
            connection?.setNeedsFlush()
            session.forEachStream { ($0.handler as? ServerCall)?.connectionDrains() }
        case .goAway(let debugData):
            session.goAway(.noError, debugData: debugData)
            connection?.setNeedsFlush()
        case .close:
            return close()
        }
        timer?.schedule(at: min(lifecycle.deadline, keepalive.deadline))
    }

    /// Cuts the client off, and tells it why, once.
    private func end(_ debugData: String) {
        guard !isCutOff else { return }
        isCutOff = true
        session.goAway(.enhanceYourCalm, debugData: debugData)
        connection?.closeAfterFlush(because: "the client was cut off: \(debugData)")
    }

    // MARK: HTTP2SessionHandler

    func sessionOpened() -> HTTP2Stream? {
        guard hold(CallMemory.overhead) else { return nil }
        if lifecycle.streamCountMatters { perform(lifecycle.streamOpened(at: loop.now)) }
        figures.streamBegan(at: loop.now)
        let call = spareCall() ?? ServerCall(on: self)
        call.begin()
        return call.stream
    }

    /// One that is over, and that neither its handler nor the session still holds.
    private func spareCall() -> ServerCall? {
        guard var call = spareCalls.popLast() else { return nil }
        return isKnownUniquelyReferenced(&call) && isKnownUniquelyReferenced(&call.stream) ? call : nil
    }

    func keep(_ call: ServerCall) {
        if spareCalls.count < ServerConnection.spareLimit { spareCalls.append(call) }
    }

    /// Lets go of what is only kept for the next calls.
    func trim() { spareCalls = [] }

    func sessionReceivedSettings() {
        guard !lifecycle.hasStarted else { return }
        perform(lifecycle.started(at: loop.now))
    }

    func sessionReceivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: Span<UInt8>) { goAway = code }

    func sessionReceivedPingAck(_ payload: UInt64) {
        guard payload == ConnectionLifecycle.drainPing else { return }
        perform(lifecycle.drainPingAcknowledged(at: loop.now))
    }

    /// What has left counts, not what was submitted: grpc-go's clients send PINGs of their own, to estimate the bandwidth,
    /// for as long as a large answer takes to arrive.
    func sessionReceivedPing() {
        pings.payloadSent(frames: session.takeSentPayloadFrames())
        if !pings.pingReceived(at: loop.now, hasStreams: session.streamCount > 0) { end("too_many_pings") }
    }

    /// nghttp2 limits resets too, but not between the two GOAWAYs of a graceful close.
    func sessionReceivedReset() {
        if !resets.take(at: loop.now) { end("too_many_resets") }
    }

    // MARK: HTTP2ConnectionDelegate

    /// For what had been read before the stream was attached.
    func receive(_ bytes: Span<UInt8>) { connection?.streamReceived(bytes) }

    func connectionEstablished() {}

    func connectionHasRead() {
        keepalive.bytesRead(at: loop.now)
        worker.run()
    }

    func connectionLost(_ reason: String, _ error: SystemError?) {}

    func connectionClosed() {
        timer?.cancel()
        timer = nil
        connection = nil
        trim()
        // Calls that came with the bytes that ended the connection would wait there, and hold it, until the next one is read.
        worker.runSoon()
        owner.closed(self)
    }
}
