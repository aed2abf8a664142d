import Bytes
import Events
import HTTP2
import RPCCore
import RPCTransport

/// The handler's side of a call.
extension ServerCall {
    /// Runs the handler and answers. Called by a worker, once.
    func handle() async {
        guard !machine.hasEnded, let route else { return }
        memory.isHandled = true
        defer { requestHandled() }
        do throws(RPCError) {
            switch route.handler {
            case .unary(let handler):
                guard let request = try takeRequest() else { return }
                var reply = OutgoingMessage(capacity: 250)
                try await handler(request, ServerContext(call: self), &reply.buffer)
                // Here, where nobody else holds the reply, or it would be copied.
                try reply.seal(as: encoding)
                try answer(reply.buffer)
            case .stream(let handler):
                try await handler(ServerStream(call: self))
                try endAnswer()
            }
        } catch {
            return fail(error)
        }
        connection.answerSubmitted()
    }

    // MARK: Unary

    /// The whole answer at once; `reply` is sealed.
    private func answer(_ reply: consuming [UInt8]) throws(RPCError) {
        requestHandled()
        // It may have been cut off meanwhile: nobody would let go of its reply.
        guard !machine.hasEnded else { return }
        let count = MessageFraming.messageBytes(inFrameOf: reply.count)
        if reply.count > CallMemory.usual, !memory.holdReply(reply.count, with: stream, on: connection) { throw noRoom }
        try checkTrailers()
        traceHeadersSent()
        traceMessageSent(count)
        guard finish(.ok) else { return }
        if exchange == nil, encoding == .identity {
            connection.session.respond(stream, connection.answerHead, body: reply, trailers: ServerCall.okTrailers)
        } else {
            connection.session.respond(stream, answerHead, body: reply, trailers: answerTrailers)
        }
    }

    // MARK: Streams

    /// See `ServerStream.receive`.
    func receive() async throws(RPCError) -> [UInt8]? {
        let exchange = openExchange()
        while true {
            guard !machine.hasEnded else { throw ServerCall.over }
            memory.letGoOfRequest(exchange.taken, on: connection)
            exchange.taken = 0
            if let message = try takeRequest() { return message }
            if let (received, freed) = exchange.requests.take() {
                release(freed)
                exchange.taken = MessageFraming.prefixLength + received.count + CallMemory.queuedMessage
                requestWasCompressed = received.isCompressed
                guard received.isCompressed else { return try received.content() }
                return try await expanded(received, exchange)
            }
            if machine.input == .halfClosed { return nil }
            guard exchange.reader == nil else {
                throw RPCError(.internal, "two tasks read the request of one call")
            }
            let change = Notice()
            exchange.reader = change
            if machine.mayRead { release(exchange.requests.awaitNext()) }
            await change.wait()
        }
    }

    /// What expanding so much takes, some milliseconds, is as long as others have to wait for the loop.
    private static let expandedAtOnce = 1 << 20

    /// A message takes more room then; and a handler that finds many waiting does not go through them all at once.
    private func expanded(
        _ received: ReceivedMessage, _ exchange: ServerExchange
    ) async throws(RPCError) -> [UInt8] {
        let message = try received.content()
        try holdExpanded(message, from: received.count)
        exchange.taken += max(0, message.count - received.count)
        exchange.expanded += message.count
        if exchange.expanded > ServerCall.expandedAtOnce {
            exchange.expanded = 0
            await Task.yield()
            if machine.hasEnded { throw ServerCall.over }
        }
        return message
    }

    /// How much may wait for the client before the handler has to. A turn of the loop sends so much at least, which is not
    /// what limits a stream; a client that does not read makes each of its calls keep it.
    private static let sendBuffer = 4 * 1024

    /// See `ServerStream.send`.
    func send(_ message: consuming OutgoingMessage) async throws(RPCError) {
        try machine.messageSent()
        try message.seal(as: encoding)
        guard memory.holdReply(message.buffer.count, with: stream, on: connection) else {
            machine.messageNotSent()
            throw noRoom
        }
        sendHeaders()
        traceMessageSent(message.count)
        connection.session.send(message.buffer, on: stream)
        connection.answerSubmitted()
        guard stream.pendingBytes > ServerCall.sendBuffer else { return }
        let room = Notice()
        openExchange().writers.append(room)
        stream.drainNotice = ServerCall.sendBuffer / 2
        await room.wait()
        guard !machine.hasEnded else { throw ServerCall.over }
    }

    /// Once; no more after the end.
    func sendHeaders() {
        guard machine.headersDue() else { return }
        traceHeadersSent()
        connection.session.respond(stream, answerHead)
        connection.answerSubmitted()
    }

    func streamDrained() {
        _ = memory.holdReply(0, with: stream, on: connection)
        exchange?.wakeWriters()
    }

    private func endAnswer() throws(RPCError) {
        if machine.hasEnded { return }
        try machine.checkAnswer()
        try checkTrailers()
        sendHeaders()
        guard finish(.ok) else { return }
        connection.session.end(stream, trailers: answerTrailers)
    }

    // MARK: Ending

    private static var over: RPCError { RPCError(.cancelled, "the call is over") }
    static let okHead = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
    private static let okTrailers = FixedHeaders(HeaderBlock([("grpc-status", "0")]))

    private var answerHead: HeaderBlock {
        var block = connection.answerHead.block
        if encoding != .identity { block.append("grpc-encoding", encoding.rawValue) }
        block.append(initialMetadata)
        return block
    }

    private var answerTrailers: HeaderBlock {
        var block = ServerCall.okTrailers.block
        block.append(trailingMetadata)
        return block
    }

    /// Bytes of `grpc-message`. Clients take 8 KiB of header fields at least, and cut a call off that brings more.
    private static let messageLimit = 4096

    /// Throws RESOURCE_EXHAUSTED for trailing metadata that the client, or any, would not take.
    private func checkTrailers() throws(RPCError) {
        if exchange == nil { return }
        if let problem = connection.session.problem(with: answerTrailers) {
            throw RPCError(.resourceExhausted, "the answer's trailing metadata cannot be sent: \(problem)")
        }
    }

    /// What was to be sent cannot be: the stream is being reset.
    func streamNotSent(_ reason: String) {
        if finish(.internal) { task?.cancel() }
    }

    /// Answers with the error in the trailers, unless the call has ended already, and cancels the handler.
    func fail(_ error: RPCError) {
        // An error that claims to be none would reach the client as a success without a message.
        if error.code == .ok { return fail(RPCError(.internal, "the handler failed with status OK: \(error.message)")) }
        if !machine.hasEnded, exchange?.initialMetadata.isEmpty == false { sendHeaders() }
        let hadHeaders = machine.output == .headers
        guard finish(error.code) else { return }
        task?.cancel()
        var block = hadHeaders ? HeaderBlock() : connection.answerHead.block
        block.append("grpc-status", String(error.code.rawValue))
        if !error.message.isEmpty {
            block.append("grpc-message", PercentCoding.encodeMessage(error.message, limit: ServerCall.messageLimit))
        }
        let bare = block
        block.append(error.metadata)
        if let exchange { block.append(exchange.trailingMetadata) }
        // The status arrives, whatever else there was to say.
        if connection.session.problem(with: block) != nil { block = bare }
        if hadHeaders {
            connection.session.end(stream, trailers: block)
        } else {
            connection.session.respondAndEnd(stream, block)
        }
        connection.answerSubmitted()
    }
}

extension HeaderBlock {
    /// What an application sends along; what is gRPC's own is not passed on.
    fileprivate mutating func append(_ metadata: Metadata) {
        metadata.forEach { if !Metadata.isReservedInResponse($0) { append(name: $0, value: $1) } }
    }

    func appending(_ metadata: Metadata) -> HeaderBlock {
        var block = self
        block.append(metadata)
        return block
    }
}
