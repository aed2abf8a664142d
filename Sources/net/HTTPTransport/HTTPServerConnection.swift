import Addresses
import Bytes
import Events
import HTTP
import System
import Timing

/// One client's connection: reads requests, runs one handler at a time, and answers in order. Loop thread only.
///
/// Back-pressure: while a request is being answered, further input is kept up to a limit and then left in the kernel;
/// while much output is pending, no further request is started. Either way TCP slows the client down.
final class HTTPServerConnection: ByteStreamDelegate {
    private enum Phase: Equatable {
        /// Waiting for a request or reading one.
        case reading
        /// A handler runs.
        case handling
        /// A handler's function produces the body.
        case streaming
        /// A file is going out as the body.
        case sendingFile
        /// The last response is written, perhaps not sent.
        case ending
        case closed
    }

    private let worker: HTTPServerWorker
    private let peer: SocketAddress?
    private var stream: (any ByteStream)?
    private var parser: HTTP1RequestParser
    private var phase = Phase.reading
    private var inputEnded = false
    private var isProcessing = false
    /// Whether there may be a request in the parser that `process` did not look for, because of the output.
    private var hasRequestWaiting = false
    private var output: [UInt8] = []
    /// Follows `output`.
    private var file: FileSlice?
    private var delivery: FileDelivery?

    private var exchange = HTTPExchange()
    private var task: Task<Void, Never>?
    private var requests = 0

    /// Of the response that is on its way: its status, and what writes its body.
    private var status = HTTPStatus.ok
    private var serializer: HTTP1ResponseSerializer?
    /// Somebody waits for the client to catch up.
    private var drain: Completion<Void>?
    /// Why the connection is being closed, if it is the client's fault.
    private var problem: String?
    private lazy var wait = PeerWait(on: worker.loop) { [weak self] in self?.waitExpired($0) }

    init(worker: HTTPServerWorker, peer: SocketAddress?) {
        self.worker = worker
        self.peer = peer
        parser = HTTP1RequestParser(limits: worker.configuration.limits)
    }

    private var limits: HTTP1Limits { worker.configuration.limits }

    func start(on stream: any ByteStream) {
        self.stream = stream
        // A new connection has as long as a header has: one that is opened in advance is rare, one that never
        // speaks is an attack.
        wait.start(.request, limits.headerReadTime)
    }

    // MARK: Input

    func streamReceived(_ bytes: Span<UInt8>) {
        switch phase {
        case .reading:
            parser.feed(bytes)
            process()
        case .handling, .streaming, .sendingFile:
            parser.feed(bytes)
            if parser.bufferedByteCount > worker.configuration.pipelinedBytes { stream?.isReading = false }
        case .ending, .closed: break
        }
    }

    /// A client that ends its output may still read, so what it asked for is answered; but nearly always it is gone,
    /// so the work is cancelled.
    func streamReachedEnd() {
        inputEnded = true
        task?.cancel()
        process()
    }

    /// Takes requests off the parser until one needs time or more input.
    private func process() {
        guard !isProcessing else { return }
        repeat {
            isProcessing = true
            while phase == .reading, advance() {}
            isProcessing = false
            flush()
            // Go on where the kernel took at once what was too much to keep.
        } while phase == .reading && hasRequestWaiting && !hasTooMuchOutput
    }

    private var hasTooMuchOutput: Bool {
        output.count + (stream?.pendingBytes ?? 0) > worker.configuration.pendingOutputBytes
    }

    /// Whether there may be more to do at once.
    private func advance() -> Bool {
        hasRequestWaiting = hasTooMuchOutput
        if hasRequestWaiting { return false }
        do {
            switch try parser.next() {
            case .head(let head):
                exchange.begin(head, at: worker.loop.now)
                // Who has begun to send the body does not wait (RFC 9110 section 10.1.1).
                if head.expectsContinue, head.framing != .length(0), parser.bufferedByteCount == 0 {
                    output.append(contentsOf: HTTP1ResponseSerializer.continueResponse)
                }
            case .body(let piece): exchange.append(piece)
            case .end: handle()
            case nil:
                waitForInput()
                return false
            }
            return true
        } catch {
            refuse(error)
            return false
        }
    }

    private func waitForInput() {
        if inputEnded { return end() }
        stream?.isReading = true
        // A peer that does not take its responses has until then, whatever it sends meanwhile.
        if wait.reason == .output { return }
        if exchange.head != nil {
            wait.start(.body, limits.bodyReadTime)
        } else if !parser.isBetweenMessages {
            wait.start(.header, limits.headerReadTime)
        } else if requests > 0 {
            wait.start(.request, limits.idleTime)
        }
    }

    // MARK: Handling

    private func handle() {
        guard let request = exchange.request(from: peer, using: &worker.generator) else { return }
        phase = .handling
        wait.stop()
        requests += 1
        switch worker.router.match(request.head) {
        case .refusal(let response, let route):
            exchange.route = route
            _ = respond(response)
        case .handler(let handler, let route):
            exchange.route = route
            let number = requests
            let bound = LoopBound((connection: self, handler: handler, request: request), on: worker.loop)
            let task = worker.loop.startTask {
                let (connection, handler, request) = bound.value
                let response = await handler(request)
                guard let produce = connection.respond(response) else { return }
                do {
                    try await produce(HTTPBodyWriter(connection, request: number))
                    connection.bodyEnded(of: number)
                } catch {
                    connection.bodyFailed(of: number, error)
                }
            }
            // A handler that never suspended has already been answered, and the next one may be running.
            if phase == .handling || phase == .streaming, requests == number { self.task = task }
        }
    }

    /// Answers what is to produce the body, if it has to be produced.
    private func respond(_ response: consuming HTTPResponse) -> ((HTTPBodyWriter) async throws -> Void)? {
        guard phase == .handling, let head = exchange.head else { return nil }
        let keepAlive = head.keepAlive && !worker.isDraining && requests < limits.requestsPerConnection
        var serializer = HTTP1ResponseSerializer(to: head.method, version: head.version, keepAlive: keepAlive)
        if worker.configuration.namesRequests, let id = exchange.requestID {
            response.head.fields.append("X-Request-Id", id)
        }
        serializer.start(response.head, length: response.body.length, date: worker.date, into: &output)
        status = response.head.status
        switch response.body {
        case .bytes(let bytes):
            serializer.write(bytes.span, into: &output)
        case .file(let slice) where serializer.hasBody:
            serializer.bodyIsSentApart()
            self.serializer = serializer
            file = slice
            phase = .sendingFile
            process()
            return nil
        case .stream(let produce) where serializer.hasBody:
            self.serializer = serializer
            phase = .streaming
            flush()
            return produce
        case .file, .stream: break
        }
        self.serializer = serializer
        endResponse()
        process()
        return nil
    }

    /// The whole response is written.
    private func endResponse() {
        serializer?.end(into: &output)
        // A stop that began meanwhile could not tell the client; it closes idle connections, and this may be one now.
        let closes = serializer?.closesConnection != false || (worker.closesIdle && parser.isBetweenMessages)
        serializer = nil
        // A client that ended its output has gone, nearly always, and what its cancelled work came to is its own doing.
        let isVain = task?.isCancelled == true && (phase == .streaming || status.code >= 500)
        report(isVain ? .clientClosedRequest : status, problem: nil)
        task = nil
        parser.startNextRequest()
        phase = closes ? .ending : .reading
    }

    /// Answers what is not a request, and closes: where the next one would start is unknown.
    private func refuse(_ error: HTTP1Error) {
        phase = .ending
        worker.router.refusal(error.status, error.message).appendAsLast(
            to: exchange.head?.method ?? .get, date: worker.date, into: &output)
        report(error.status, problem: error.message)
        flush()
    }

    /// Tells of the request, which is over.
    private func report(_ status: HTTPStatus, problem: String?, isRequest: Bool = true) {
        worker.finished(
            exchange.access(status, line: parser.line.map { ($0.method, $0.target) }, peer: peer, problem: problem, isRequest: isRequest))
        exchange = HTTPExchange()
    }

    /// Whatever status has gone out: what the client has is worth nothing, and that is not its doing.
    private func reportCutOff(_ reason: any Error) {
        report(.internalServerError, problem: "the response was cut off: \(reason)")
    }

    // MARK: Streaming

    /// Answers whether the response goes on.
    func writePiece(_ bytes: [UInt8], of request: Int) async -> Bool {
        guard isStreaming(request) else { return false }
        serializer?.write(bytes.span, into: &output)
        writeOutput()
        if let stream, stream.pendingBytes > worker.configuration.pendingOutputBytes {
            let drain = Completion<Void>()
            self.drain = drain
            await drain.wait()
        }
        return isStreaming(request)
    }

    private func isStreaming(_ request: Int) -> Bool { phase == .streaming && requests == request }

    private func bodyEnded(of request: Int) {
        guard isStreaming(request) else { return }
        endResponse()
        process()
    }

    /// With RST rather than an orderly end, which would look like the body's own to a client of HTTP/1.0.
    private func bodyFailed(of request: Int, _ error: any Error) {
        guard isStreaming(request) else { return }
        if task?.isCancelled == true { report(.clientClosedRequest, problem: nil) } else { reportCutOff(error) }
        phase = .ending
        stream?.abort()
    }

    // MARK: Output

    /// Writes what `process` has collected, unless that goes on collecting.
    private func flush() {
        if !isProcessing { writeOutput() }
    }

    private func writeOutput() {
        guard let stream else { return }
        stream.write(draining: &output)
        if let file {
            self.file = nil
            if stream.send(file) { return fileSent() }
            delivery = FileDelivery(file)
            wait.start(.output, limits.responseWriteTime)
            return
        }
        if stream.pendingBytes > 0 {
            if phase != .handling { wait.start(.output, limits.responseWriteTime) }
            // Not while a body is produced: there the client's end, which cancels the work, has to be seen.
            if phase != .streaming, hasTooMuchOutput { stream.isReading = false }
        } else if phase == .ending {
            endStream()
        }
    }

    private func fileSent() {
        delivery = nil
        endResponse()
        hasRequestWaiting = true
        if phase == .ending { endStream() }
    }

    func streamDrained() {
        if parser.bufferedByteCount <= worker.configuration.pipelinedBytes { stream?.isReading = true }
        switch phase {
        case .reading:
            wait.stop()
            process()
        case .streaming:
            wait.stop()
            drain?.complete(())
            drain = nil
        case .sendingFile:
            wait.stop()
            fileSent()
            process()
        case .ending: endStream()
        case .handling, .closed: break
        }
    }

    // MARK: Ending

    /// Ends once everything that was written is sent.
    private func end() {
        guard phase != .closed else { return }
        phase = .ending
        flush()
    }

    private func endStream() {
        wait.stop()
        stream?.finish()
    }

    func closeIfIdle() {
        if phase == .reading, exchange.head == nil, parser.isBetweenMessages { end() }
    }

    func close() { stream?.close() }

    func streamClosed(_ error: SystemError?) {
        switch phase {
        case .sendingFile where error?.isStorageFailure == true: reportCutOff(error ?? .truncatedFile)
        case .handling, .streaming, .sendingFile: report(.clientClosedRequest, problem: problem)
        case .reading, .ending, .closed: break
        }
        phase = .closed
        wait.end()
        task?.cancel()
        task = nil
        stream = nil
        file = nil
        delivery = nil
        drain?.complete(())
        drain = nil
        worker.connectionClosed(self)
    }

    // MARK: Time

    private func waitExpired(_ reason: PeerWait.Reason) {
        switch reason {
        case .request: end()
        case .header: refuse(.incomplete("header", after: limits.headerReadTime))
        case .body: refuse(.incomplete("body", after: limits.bodyReadTime))
        case .output: giveUp()
        case .nothing: break
        }
    }

    /// The client does not take what it asked for, unless it is a large file that it goes on taking.
    private func giveUp() {
        let time = limits.responseWriteTime
        let rate = worker.configuration.slowestFileReading
        if delivery?.hasAdvanced(byBytesPerSecond: rate, during: time) == true { return wait.restart(.output, time) }
        let problem = "the client did not take the response in \(DurationText.format(time))"
        switch phase {
        case .handling, .streaming, .sendingFile: self.problem = problem
        case .reading, .ending: report(.clientClosedRequest, problem: problem, isRequest: false)
        case .closed: break
        }
        close()
    }
}
