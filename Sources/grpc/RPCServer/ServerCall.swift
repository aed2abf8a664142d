import Addresses
import Bytes
import Events
import HTTP2
import RPCCore
import System
import Timing

/// One call on a server, from its head to its answer. Loop thread only.
final class ServerCall: HTTP2StreamHandler {
    private enum Phase {
        /// Waiting for the head: not a call yet, and the observer has not heard of it.
        case opening
        /// Waiting for the message.
        case receiving
        /// The message is complete; a worker has the call, or soon will.
        case handling
        /// Answered, refused, or cut off by the client.
        case ended
    }

    private let connection: ServerConnection
    private let stream: HTTP2Stream
    private var reader: RequestReader
    private var head = RequestHead()
    private(set) var route: Route?
    private var message: [UInt8]?
    private var phase = Phase.opening
    private var timer: Timer?
    private let started: Instant
    private(set) var deadline = Instant.distantFuture
    /// The head of a streaming answer has been sent.
    private var headSent = false
    private var sentMessageBytes = 0
    private var receivedMessageBytes = 0
    private var memory = CallMemory()
    private var lastData = Instant.distantFuture
    /// What waited for the client when the call was last looked after, and since when it has been so much.
    private var waiting: (bytes: Int, since: Instant) = (0, .distantFuture)
    /// A streaming handler waits here for the client to read; several, if it sends from several tasks.
    private var roomToSend: [Completion<Void>] = []
    /// The task that a suspended handler runs in; it runs nothing else any more, so that cancelling it touches only
    /// this call.
    var task: Task<Void, Never>?

    /// Its connection holds `CallMemory.overhead` for it already.
    init(stream: HTTP2Stream, connection: ServerConnection) {
        stream.holdsWindow = true
        self.stream = stream
        self.connection = connection
        started = connection.loop.now
        reader = RequestReader(
            maxMessageBytes: connection.configuration.maxMessageBytes,
            maxHeaderListBytes: Int(connection.configuration.http2.maxHeaderListSize),
            likelyPath: connection.lastPath)
    }

    var loop: EventLoop { connection.loop }
    var peer: SocketAddress? { connection.peer }
    var path: [UInt8] { head.path }
    var metadata: Metadata { head.metadata }

    // MARK: HTTP2StreamHandler

    func streamReceived(_ fields: borrowing FieldBlock, endStream: Bool) {
        // A second block is the client's trailers, which gRPC does not have; their end is the request's all the same.
        if case .opening = phase {
            fields.forEach { reader.receive(field: $0, value: $1) }
            beginCall()
        }
        if endStream { streamDataEnded() }
    }

    private func beginCall() {
        phase = .receiving
        let verdict = reader.headersEnded()
        head = reader.takeHead()
        switch verdict {
        case .rejected(let status):
            phase = .ended
            connection.session.respondAndEnd(stream, HeaderBlock([(":status", "\(status)")]))
            return
        case .failed(let error):
            announce()
            return fail(error)
        case .accepted:
            break
        }
        route = connection.route(head.path)
        announce()
        guard memory.holdRequest(reader.headerListBytes, on: connection) else { return fail(noRoom) }
        guard route != nil else { return fail(connection.router.unimplemented(head.path)) }
        if let timeout = head.timeout { startDeadline(timeout) }
    }

    private func announce() {
        for observer in connection.observers { observer.callReceived(ServerContext(call: self)) }
    }

    private func startDeadline(_ timeout: Duration) {
        deadline = started + timeout
        let timer = Timer(on: loop) { [weak self] in self?.deadlinePassed() }
        timer.schedule(at: deadline)
        self.timer = timer
    }

    private func deadlinePassed() {
        fail(RPCError(.deadlineExceeded, "the deadline passed while the server was working on the call"))
        task?.cancel()
    }

    func streamReceived(data: Span<UInt8>) {
        guard case .receiving = phase else { return }
        guard memory.holdRequest(data.count, on: connection) else { return fail(noRoom) }
        lastData = loop.now
        do throws(RPCError) {
            try reader.receive(data: data) { message throws(RPCError) in
                guard self.message == nil else {
                    throw RPCError(.unimplemented, "more than one message in the request of a unary call")
                }
                self.message = message
                receivedMessageBytes += message.count
            }
        } catch {
            return fail(error)
        }
        if connection.session.release(data.count, of: stream) { connection.answerSubmitted() }
    }

    func streamDataEnded() {
        guard case .receiving = phase else { return }
        do throws(RPCError) {
            try reader.ended()
        } catch {
            return fail(error)
        }
        guard message != nil else {
            return fail(RPCError(.unimplemented, "no message in the request of a unary call"))
        }
        phase = .handling
        connection.worker.add(self)
    }

    func streamClosed(_ code: HTTP2ErrorCode) {
        if case .opening = phase { phase = .ended }
        if finish(.cancelled) { task?.cancel() }
        task = nil
        memory.streamClosed(on: connection)
        connection.streamClosed()
    }

    // MARK: Handling

    /// Runs the handler and answers. Called by a worker, once.
    func handle() async {
        guard case .handling = phase, let route, let message = takeMessage() else { return }
        memory.isHandled = true
        defer { requestHandled() }
        do throws(RPCError) {
            switch route.handler {
            case .unary(let handler):
                var reply = MessageFraming.makeBuffer(capacity: 250)
                try await handler(message, ServerContext(call: self), &reply)
                try MessageFraming.seal(&reply)
                sentMessageBytes = MessageFraming.messageBytes(inFrameOf: reply.count)
                requestHandled()
                // It may have been cut off meanwhile: nobody would let go of its reply.
                guard case .handling = phase else { return }
                if reply.count > CallMemory.usual, !memory.holdReply(reply.count, with: stream, on: connection) {
                    throw noRoom
                }
                guard finish(.ok) else { return }
                connection.session.respond(stream, ServerCall.okHead, body: reply, trailers: ServerCall.okTrailers)
            case .serverStreaming(let handler):
                try await handler(message, ServerContext(call: self), ReplyWriter(call: self))
                guard finish(.ok) else { return }
                sendHeadOnce()
                connection.session.end(stream, trailers: ServerCall.okTrailers)
            }
        } catch {
            return fail(error)
        }
        connection.answerSubmitted()
    }

    // MARK: Streaming

    /// How much may wait for the client before the handler has to. A turn of the loop sends so much at least, which is not
    /// what limits a stream; a client that does not read makes each of its calls keep it.
    private static let sendBuffer = 4 * 1024

    func send(_ frame: [UInt8]) async throws(RPCError) {
        guard case .handling = phase else { throw RPCError(.cancelled, "the call is over") }
        guard memory.holdReply(frame.count, with: stream, on: connection) else { throw noRoom }
        sendHeadOnce()
        sentMessageBytes += MessageFraming.messageBytes(inFrameOf: frame.count)
        connection.session.send(frame, on: stream)
        connection.answerSubmitted()
        guard stream.pendingBytes > ServerCall.sendBuffer else { return }
        let room = Completion<Void>()
        roomToSend.append(room)
        stream.drainNotice = ServerCall.sendBuffer / 2
        await room.wait()
        guard case .handling = phase else { throw RPCError(.cancelled, "the call is over") }
    }

    private func sendHeadOnce() {
        guard !headSent else { return }
        headSent = true
        connection.session.respond(stream, ServerCall.okHead)
    }

    func streamDrained() {
        _ = memory.holdReply(0, with: stream, on: connection)
        releaseSender()
    }

    private func releaseSender() {
        if roomToSend.isEmpty { return }
        let waiting = roomToSend
        roomToSend = []
        for room in waiting { room.complete(()) }
    }

    // MARK: Ending

    private static let okHead = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
    private static let okTrailers = HeaderBlock([("grpc-status", "0")])

    /// Bytes of `grpc-message`. Clients take 8 KiB of header fields at least, and cut a call off that brings more.
    private static let messageLimit = 4096

    /// Answers with the error in the trailers, unless the call has ended already.
    private func fail(_ error: RPCError) {
        // An error that claims to be none would reach the client as a success without a message.
        if error.code == .ok { return fail(RPCError(.internal, "the handler failed with status OK: \(error.message)")) }
        guard finish(error.code) else { return }
        var block = headSent ? HeaderBlock() : ServerCall.okHead
        block.append("grpc-status", String(error.code.rawValue))
        if !error.message.isEmpty {
            block.append("grpc-message", PercentCoding.encodeMessage(error.message, limit: ServerCall.messageLimit))
        }
        error.metadata.forEach { block.append(name: $0, value: $1) }
        if headSent {
            connection.session.end(stream, trailers: block)
        } else {
            connection.session.respondAndEnd(stream, block)
        }
        connection.answerSubmitted()
    }

    /// Answers whether this was the end: the first of answer, failure and cut-off counts.
    private func finish(_ status: StatusCode) -> Bool {
        if case .ended = phase { return false }
        phase = .ended
        timer?.cancel()
        timer = nil
        releaseSender()
        message = nil
        reader.discard()
        memory.dropRequest(on: connection)
        report(status)
        return true
    }

    private func takeMessage() -> [UInt8]? {
        defer { message = nil }
        return message
    }

    // MARK: Memory

    private func requestHandled() {
        memory.isHandled = false
        memory.dropRequest(on: connection)
    }

    private var noRoom: RPCError {
        RPCError(
            .resourceExhausted,
            "no room for the message: the server keeps \(connection.configuration.messageBufferBytes) bytes for all calls"
                + " together, and a quarter of them for those of one connection")
    }

    /// Ends the call if its request has not gone on for the message time-out; or, when there was no room for somebody, if
    /// the client has taken nothing of its reply for as long.
    func sweep(at now: Instant, isShort: Bool) {
        let patience = connection.configuration.messageTimeout
        switch phase {
        case .receiving where now >= lastData + patience:
            let time = DurationText.format(patience)
            return fail(RPCError(.deadlineExceeded, "nothing was added to the request for \(time)"))
        case .opening, .receiving, .handling, .ended:
            break
        }
        let bytes = stream.pendingBytes
        if bytes == 0 || bytes != waiting.bytes {
            waiting = (bytes, now)
        } else if isShort, now >= waiting.since + patience {
            connection.session.reset(stream, .enhanceYourCalm)
            connection.answerSubmitted()
        }
    }

    private func report(_ status: StatusCode) {
        let observers = connection.observers
        if observers.isEmpty { return }
        let summary = CallSummary(
            status: status, duration: MonotonicClock.now - started, sentMessageBytes: sentMessageBytes,
            receivedMessageBytes: receivedMessageBytes)
        for observer in observers {
            observer.callFinished(ServerContext(call: self), summary)
        }
    }
}
