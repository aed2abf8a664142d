package import Addresses
package import Events
package import HTTP2
package import RPCCore
package import System

/// Hears about one connection of a client.
package protocol ClientTransportDelegate: AnyObject {
    /// The server's SETTINGS have arrived: calls may start.
    func transportReady(_ transport: ClientTransport)
    /// GOAWAY has come. A graceful close sends two, and nghttp2's servers say why only in the second.
    func transportReceivedGoAway(_ transport: ClientTransport, _ goAway: GoAway)
    /// The server takes no more calls here; those it has seen will finish. `tooManyPings`: it wants fewer keepalive
    /// PINGs on the next connection.
    func transportDraining(_ transport: ClientTransport, reason: String, tooManyPings: Bool)
    /// The last call, exactly once, after every call on it has ended.
    func transportClosed(_ transport: ClientTransport, reason: String)
}

/// One HTTP/2 connection to one server, as a gRPC client sees it. Loop thread only.
package final class ClientTransport: HTTP2SessionHandler, HTTP2ConnectionDelegate {
    package let address: SocketAddress
    /// No other connection of this process has it.
    package let number = EntityNumber.next()
    var figures = SocketFigures()
    private var goAway: HTTP2ErrorCode?
    private var delegate: (any ClientTransportDelegate)?
    private let session: HTTP2Session
    private var connection: HTTP2Connection?
    private var keepalive: KeepaliveMachine
    private var keepaliveTimer: Timer?
    private let loop: EventLoop
    private var isEstablished = false
    private var isReady = false
    private var isDraining = false
    /// This side says goodbye when its last call has ended.
    private var owesGoAway = false
    /// Why the connection ended or is about to; calls that it took with it report this.
    private(set) var closeReason: String?
    private(set) var isLost = false
    var heads = ResponseHeads()
    /// A call has got the beginning of an answer here.
    package internal(set) var hasAnswered = false
    /// Set when the delegate hears that the connection drains or has closed.
    package private(set) var disconnectError: DisconnectError?
    /// Names, values and 32 bytes a field of one response's headers and trailers.
    let maxHeaderListBytes: Int

    /// Begins to connect; throws what fails at once.
    package init(
        to address: SocketAddress, context: TransportContext, configuration: HTTP2Configuration = .defaults,
        keepalive: KeepaliveParameters = .clientDefaults, dialer: any Dialer = PlainSockets(),
        delegate: any ClientTransportDelegate
    ) throws(RPCError) {
        self.address = address
        self.delegate = delegate
        loop = context.loop
        maxHeaderListBytes = Int(configuration.maxHeaderListSize)
        self.keepalive = KeepaliveMachine(keepalive, at: context.loop.now)
        do {
            session = try HTTP2Session(role: .client, configuration: configuration, memory: context.memory)
            let connection = HTTP2Connection(session, context: context, delegate: self)
            self.connection = connection
            session.handler = self
            connection.run(on: try dialer.dial(address, on: context.loop, delegate: connection))
        } catch let error as SystemError {
            connection?.close(because: error.description)
            throw RPCError(.unavailable, error.description)
        } catch {
            throw RPCError(.unavailable, "\(error)")
        }
    }

    /// Calls that are open on this connection.
    package var inFlight: Int { session.streamCount }
    /// For the requests of this connection (RFC 9110 section 4.2).
    package var scheme: String { connection?.agreement.isEncrypted == true ? "https" : "http" }
    package var acceptsCalls: Bool { isReady && !isDraining }

    package var name: SocketName { SocketName(number, from: connection?.localAddress, to: address) }

    package var report: SocketReport {
        // A name that is looked up at connect (passthrough:) has a peer only then.
        let remote = connection?.peer ?? address
        return SocketReport(name, isServers: false, of: connection, remote: remote, figures: figures, goAway: goAway)
    }

    /// Begins an attempt: with `message` as the whole of its request, or with a request that is sent by and by. Its outcome
    /// goes to the attempt.
    package func start(_ attempt: CallAttempt, _ headers: HeaderBlock, message: consuming OutgoingMessage?) {
        let body: [UInt8]?
        do throws(RPCError) {
            body = if let message { try attempt.frame(message) } else { nil }
        } catch {
            return attempt.giveUp(error)
        }
        do throws(HTTP2RequestError) {
            attempt.started(on: self, stream: try session.request(headers, body: body, handler: attempt))
            figures.streamBegan(at: loop.now)
            if body != nil { figures.messageSent(at: loop.now) }
            connection?.setNeedsFlush()
        } catch {
            switch error {
            case .request(let reason): return attempt.cannotBeSent(reason)
            case .session(let reason):
                retire(reason)
                return attempt.notSent(RPCError(.unavailable, reason))
            }
        }
        if body != nil { attempt.requestEndsWithItsHead() }
        retireIfSpent()
    }

    func send(_ frame: consuming [UInt8], on stream: HTTP2Stream) {
        session.send(frame, on: stream)
        figures.messageSent(at: loop.now)
        connection?.setNeedsFlush()
    }

    func end(_ stream: HTTP2Stream) {
        session.end(stream)
        connection?.setNeedsFlush()
    }

    /// Out of stream ids, or broken by what has just been read: a call that comes back from here must not be sent here
    /// again.
    func retireIfSpent() {
        if !session.acceptsRequests { retire("it takes no more calls") }
    }

    /// No more calls, for a reason that no GOAWAY has told.
    private func retire(_ reason: String) {
        guard isReady, !isDraining else { return }
        isDraining = true
        disconnectError = disconnectError ?? .unknown
        delegate?.transportDraining(self, reason: "connection to \(address): \(reason)", tooManyPings: false)
    }

    func messagesReceived(_ count: Int) { figures.messagesReceived(count, at: loop.now) }

    /// `isWhole`: the server has ended it, and not reset.
    func streamClosed(isWhole: Bool) {
        figures.streamEnded(isWhole)
        endIfOwed()
    }

    private func endIfOwed() {
        guard owesGoAway, session.streamCount == 0 else { return }
        owesGoAway = false
        session.goAway(.noError)
        connection?.setNeedsFlush()
    }

    func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        session.reset(stream, code)
        connection?.setNeedsFlush()
    }

    func release(_ count: Int, of stream: HTTP2Stream) {
        if session.release(count, of: stream) { connection?.setNeedsFlush() }
    }

    /// Takes no more calls and closes when those under way have ended.
    package func drain() {
        isDraining = true
        // Not before: a server that has none of its streams open closes at a GOAWAY, and calls that wait for
        // SETTINGS_MAX_CONCURRENT_STREAMS have none yet.
        owesGoAway = true
        endIfOwed()
    }

    package func close(because reason: String) {
        connection?.close(because: reason)
    }

    // MARK: Keepalive

    private func startKeepalive() {
        keepalive.bytesRead(at: loop.now)
        let timer = Timer(on: loop) { [weak self] in self?.keepaliveTimerFired() }
        timer.schedule(at: keepalive.deadline)
        keepaliveTimer = timer
    }

    private func keepaliveTimerFired() {
        switch keepalive.timerFired(at: loop.now, hasStreams: inFlight > 0) {
        case .none: break
        case .sendPing:
            session.ping(KeepaliveMachine.payload)
            figures.keepalivesSent += 1
            connection?.setNeedsFlush()
        case .close:
            disconnectError = disconnectError ?? .connectionTimedOut
            return close(because: "no answer to a keepalive PING")
        }
        keepaliveTimer?.schedule(at: keepalive.deadline)
    }

    // MARK: HTTP2SessionHandler

    package func sessionOpened() -> HTTP2Stream? { nil }

    package func sessionReceivedSettings() {
        guard !isReady else { return }
        isReady = true
        startKeepalive()
        delegate?.transportReady(self)
    }

    package func sessionReceivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: Span<UInt8>) {
        self.goAway = code
        let debug = printable(debugData)
        let goAway = GoAway(
            code, debugData: debug, isFirstOfTwo: code == .noError && lastStreamID == .max && debug.isEmpty)
        closeReason = closeReason ?? "connection to \(address): the server sent \(goAway)"
        disconnectError = disconnectError ?? .goAway(code)
        delegate?.transportReceivedGoAway(self, goAway)
        guard !isDraining else { return }
        isDraining = true
        // A server that says so to a client that has sent none does not get to slow the next connections down.
        let tooManyPings = keepalive.hasSentPing && code == .enhanceYourCalm && debug == "too_many_pings"
        delegate?.transportDraining(self, reason: "\(goAway)", tooManyPings: tooManyPings)
    }

    package func sessionReceivedPingAck(_ payload: UInt64) {}

    // MARK: HTTP2ConnectionDelegate

    package func connectionEstablished() { isEstablished = true }
    package func connectionHasRead() { keepalive.bytesRead(at: loop.now) }

    /// A server that wants TLS ends a connection in clear text without a word.
    private var hint: String { isReady || scheme == "https" ? "" : ", before it spoke HTTP/2; does it want TLS?" }

    package func connectionLost(_ reason: String, _ error: SystemError?) {
        retire(reason)
        isLost = true
        disconnectError = disconnectError ?? error.map(DisconnectError.init) ?? .unknown
        isDraining = true
        // An attempt that failed names the address itself.
        closeReason = closeReason ?? (isEstablished ? "connection to \(address): \(reason)\(hint)" : reason)
    }

    package func connectionClosed() {
        connection = nil
        keepaliveTimer?.cancel()
        keepaliveTimer = nil
        let delegate = delegate
        self.delegate = nil
        delegate?.transportClosed(self, reason: closeReason ?? "the connection was closed")
    }
}

/// What a peer sent for people to read: at most 128 bytes of it, with anything that is not printable ASCII replaced.
private func printable(_ bytes: Span<UInt8>) -> String {
    var text = ""
    for index in 0..<min(bytes.count, 128) {
        let byte = bytes[index]
        text.unicodeScalars.append((0x20..<0x7f).contains(byte) ? UnicodeScalar(byte) : "?")
    }
    return text
}
