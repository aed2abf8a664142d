import Addresses
import Events
import HTTP2
import RPCCore
import RPCTransport
import System
import Timing

/// One call on a server, from its head to its answer: carries out what its machine says. Loop thread only.
final class ServerCall: HTTP2StreamHandler {
    let connection: ServerConnection
    var stream = HTTP2Stream()
    private var deframer: MessageDeframer
    var machine = ServerCallMachine()
    private var head = RequestHead()
    private(set) var route: Route?
    /// Of the answer.
    private(set) var encoding = MessageEncoding.identity
    /// The message that the handler got last had come compressed.
    var requestWasCompressed = false
    private var tracers = CallTracers()
    /// The request of a unary call.
    private var request: ReceivedMessage?
    /// Made when it is needed.
    private(set) var exchange: ServerExchange?
    private var timer: Timer?
    private var started = Instant.distantFuture
    private(set) var deadline = Instant.distantFuture
    var sentMessageBytes = 0
    var memory = CallMemory()
    private var lastData = Instant.distantFuture
    /// What waited for the client when the call was last looked after, and since when it has been so much.
    private var waiting: (bytes: Int, since: Instant) = (0, .distantFuture)
    /// The task that a suspended handler runs in; it runs nothing else any more, so that cancelling it touches only
    /// this call.
    var task: Task<Void, Never>?

    init(on connection: ServerConnection) {
        self.connection = connection
        deframer = MessageDeframer(maxMessageBytes: connection.configuration.maxMessageBytes)
    }

    /// For a stream that has just been opened, be it the first or one after another. The connection holds
    /// `CallMemory.overhead` for it already.
    func begin() {
        stream.reopen()
        stream.handler = self
        stream.holdsWindow = true
        deframer.restart()
        machine = ServerCallMachine()
        route = nil
        requestWasCompressed = false
        encoding = .identity
        tracers = CallTracers()
        if request != nil { request = nil }
        if exchange != nil { exchange = nil }
        started = loop.now
        deadline = .distantFuture
        sentMessageBytes = 0
        memory = CallMemory()
        lastData = started
        waiting = (0, .distantFuture)
        task = nil
    }

    var loop: EventLoop { connection.loop }
    var peer: SocketAddress? { connection.peer }
    var path: [UInt8] { head.path }
    var metadata: Metadata { head.metadata }

    // MARK: The request

    func streamReceived(_ fields: borrowing FieldBlock, endStream: Bool) {
        // A second block is the client's trailers, which gRPC does not have; their end is the request's all the same.
        if machine.input == .head {
            connection.read(head: fields)
            beginCall()
        }
        if endStream { streamDataEnded() }
    }

    private func beginCall() {
        connection.calls.begin(at: started)
        let verdict = connection.heads.outcome
        head = connection.heads.head
        deframer.encoding = head.encoding
        if case .accepted = verdict { route = connection.route(head.path) }
        let action = machine.headReceived(verdict, route)
        if case .reject(let status) = action {
            connection.calls.end(false)
            return connection.session.respondAndEnd(stream, HeaderBlock([(":status", "\(status)")]))
        }
        if let timeout = head.timeout { startDeadline(timeout) }
        for tracer in connection.tracers {
            if let call = tracer.callBegan(ServerContext(call: self)) { tracers.add(call) }
        }
        setEncoding(connection.configuration.compression)
        guard memory.holdRequest(connection.heads.listBytes, on: connection) else { return fail(noRoom) }
        perform(action)
    }

    private func perform(_ action: ServerCallMachine.Action) {
        switch action {
        case .none, .reject: break
        case .failUnimplemented: fail(connection.router.unimplemented(head.path))
        case .fail(let error): fail(error)
        case .start: connection.worker.add(self)
        case .wakeReader: exchange?.wakeReader()
        }
    }

    private func startDeadline(_ timeout: Duration) {
        deadline = started + timeout
        // Not weak, which would make every count of references to this object a slow one; the end cancels it.
        let timer = timer ?? Timer(on: loop) { [unowned self] in deadlinePassed() }
        timer.schedule(at: deadline)
        self.timer = timer
    }

    private func deadlinePassed() {
        fail(RPCError(.deadlineExceeded, "the deadline passed while the server was working on the call"))
    }

    func streamReceived(data: Span<UInt8>) {
        guard machine.input == .open, !machine.hasEnded else { return }
        guard memory.holdRequest(data.count, on: connection) else { return fail(noRoom) }
        lastData = loop.now
        do throws(RPCError) {
            try deframer.receive(data) { message throws(RPCError) in try received(message) }
        } catch {
            return fail(error)
        }
        if let exchange, machine.mayRead {
            exchange.requests.receive(dataBytes: data.count)
            guard exchange.reader != nil else { return }
            if exchange.requests.isEmpty { release(exchange.requests.awaitNext()) } else { exchange.wakeReader() }
        } else if machine.mayRead {
            openExchange().requests.receive(dataBytes: data.count)
        } else {
            // One message, and nobody gets it before it is whole: what bounds it is the limit on messages.
            release(data.count)
        }
    }

    private func received(_ message: consuming ReceivedMessage) throws(RPCError) {
        try machine.messageReceived()
        let count = message.count
        connection.figures.messagesReceived(1, at: loop.now)
        if machine.mayRead {
            guard memory.holdRequest(CallMemory.queuedMessage, on: connection) else { throw noRoom }
            openExchange().requests.append(message)
        } else {
            request = message
        }
        if connection.tracesMessages { tracers.forEach { $0.messageReceived(ServerContext(call: self), bytes: count) } }
    }

    func release(_ count: Int) {
        if connection.session.release(count, of: stream) { connection.answerSubmitted() }
    }

    func streamDataEnded() {
        guard machine.input == .open, !machine.hasEnded else { return }
        guard deframer.isAtBoundary else {
            return fail(RPCError(.internal, "the request ended in the middle of a message"))
        }
        perform(machine.requestEnded())
    }

    /// The request of a unary call, once.
    func takeRequest() throws(RPCError) -> [UInt8]? {
        guard let received = request else { return nil }
        request = nil
        let count = received.count
        requestWasCompressed = received.isCompressed
        let message = try received.content()
        try holdExpanded(message, from: count)
        return message
    }

    /// A message that came compressed, in `count` bytes, takes more room now.
    func holdExpanded(_ message: borrowing [UInt8], from count: Int) throws(RPCError) {
        let more = message.count - count
        if more > 0, !memory.holdRequest(more, on: connection) { throw noRoom }
    }

    // MARK: What a handler may set

    func openExchange() -> ServerExchange {
        if let exchange { return exchange }
        let exchange = ServerExchange()
        self.exchange = exchange
        return exchange
    }

    var initialMetadata: Metadata {
        get { exchange?.initialMetadata ?? Metadata() }
        set { openExchange().initialMetadata = newValue }
    }

    var trailingMetadata: Metadata {
        get { exchange?.trailingMetadata ?? Metadata() }
        set { openExchange().trailingMetadata = newValue }
    }

    /// No other than the client understands, and none once the headers have left.
    func setEncoding(_ encoding: MessageEncoding) {
        guard machine.output == .idle else { return }
        self.encoding = head.acceptedEncodings.contains(encoding) ? encoding : .identity
    }

    var isDraining: Bool { connection.isDraining }

    func onDraining(_ body: @escaping () -> Void) {
        if isDraining { return body() }
        if !machine.hasEnded { openExchange().draining = body }
    }

    /// The connection begins to close gracefully.
    func connectionDrains() {
        let draining = exchange?.draining
        exchange?.draining = nil
        draining?()
    }

    // MARK: The end

    func streamClosed(_ code: HTTP2ErrorCode) {
        if machine.input == .head { _ = machine.end() }
        if finish(.cancelled) { task?.cancel() }
        task = nil
        memory.streamClosed(on: connection)
        // Not kept for the next call, which may be long in coming.
        exchange = nil
        head = RequestHead()
        connection.keep(self)
        connection.streamClosed(isWhole: code == .noError)
    }

    /// Answers whether this was the end: the first of answer, failure and cut-off counts.
    func finish(_ status: StatusCode) -> Bool {
        guard machine.end() else { return false }
        connection.calls.end(status == .ok)
        timer?.cancel()
        request = nil
        exchange?.end()
        deframer.discard()
        memory.dropRequest(on: connection)
        report(status)
        return true
    }

    private func report(_ status: StatusCode) {
        let summary = CallSummary(
            status: status, duration: MonotonicClock.now - started, sentMessageBytes: sentMessageBytes,
            receivedMessageBytes: deframer.messageBytes)
        let context = ServerContext(call: self)
        tracers.forEach { $0.callEnded(context, summary) }
    }

    func traceMessageSent(_ count: Int) {
        sentMessageBytes += count
        connection.figures.messageSent(at: loop.now)
        if connection.tracesMessages { tracers.forEach { $0.messageSent(ServerContext(call: self), bytes: count) } }
    }

    func traceHeadersSent() {
        if connection.tracesMessages { tracers.forEach { $0.headersSent(ServerContext(call: self)) } }
    }

    // MARK: Memory

    func requestHandled() {
        memory.isHandled = false
        memory.dropRequest(on: connection)
    }

    var noRoom: RPCError {
        RPCError(
            .resourceExhausted,
            "no room for the message: the server keeps \(connection.configuration.messageBufferBytes) bytes for all calls"
                + " together, and a quarter of them for those of one connection")
    }

    /// A message that is due, or that the handler waits for, has begun to arrive or ought to.
    private var awaitsClient: Bool {
        machine.awaitsRequest || (exchange?.reader != nil && !deframer.isAtBoundary && !machine.hasEnded)
    }

    /// Ends the call if its request has not gone on for the message time-out; or, when there was no room for somebody, if
    /// the client has taken nothing of its reply for as long.
    func sweep(at now: Instant, isShort: Bool) {
        let patience = connection.configuration.messageTimeout
        if awaitsClient, now >= lastData + patience {
            let time = DurationText.format(patience)
            return fail(RPCError(.deadlineExceeded, "nothing was added to the request for \(time)"))
        }
        let bytes = stream.pendingBytes
        if bytes == 0 || bytes != waiting.bytes {
            waiting = (bytes, now)
        } else if isShort, now >= waiting.since + patience {
            connection.session.reset(stream, .enhanceYourCalm)
            connection.answerSubmitted()
        }
    }
}
