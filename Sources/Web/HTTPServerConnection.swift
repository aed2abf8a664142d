import Addresses
import Bytes
import Events
import HTTP
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
        /// The last response is written, perhaps not sent.
        case ending
        case closed
    }

    /// What the timer is for.
    private enum Wait: Equatable {
        /// For the first byte of the connection's first request, or of the next one.
        case request
        case header
        case body
        /// For the peer to take the output.
        case output
        case nothing
    }

    private let worker: HTTPServerWorker
    private let peer: SocketAddress?
    private var stream: SocketStream?
    private var parser: HTTP1RequestParser
    private var phase = Phase.reading
    private var inputEnded = false
    private var isProcessing = false
    /// Whether `process` stopped for the sake of the output alone.
    private var hasRequestWaiting = false
    private var output: [UInt8] = []

    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var headArrival: Instant
    private var task: Task<Void, Never>?
    private var requests = 0

    private var wait = Wait.nothing
    private var deadline = Instant.distantFuture
    private var timer: Timer?

    init(worker: HTTPServerWorker, peer: SocketAddress?) {
        self.worker = worker
        self.peer = peer
        parser = HTTP1RequestParser(limits: worker.configuration.limits)
        headArrival = worker.loop.now
    }

    private var limits: HTTP1Limits { worker.configuration.limits }

    func start(on stream: SocketStream) {
        self.stream = stream
        timer = Timer(on: worker.loop) { [weak self] in self?.timerFired() }
        // A new connection has as long as a header has: one that is opened in advance is rare, one that never
        // speaks is an attack.
        wait(for: .request, limits.headerReadTime)
    }

    // MARK: Input

    func streamReceived(_ bytes: Span<UInt8>) {
        switch phase {
        case .reading:
            parser.feed(bytes)
            process()
        case .handling:
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
                self.head = head
                headArrival = worker.loop.now
                if head.expectsContinue, head.framing != .length(0) {
                    output.append(contentsOf: HTTP1ResponseSerializer.continueResponse)
                }
            case .body(let piece): body.append(contentsOf: piece)
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
        if wait == .output { return }
        if head != nil {
            wait(for: .body, limits.bodyReadTime)
        } else if !parser.isBetweenRequests {
            wait(for: .header, limits.headerReadTime)
        } else if requests > 0 {
            wait(for: .request, limits.idleTime)
        }
    }

    // MARK: Handling

    private func handle() {
        guard let head else { return }
        phase = .handling
        wait(for: .nothing, .zero)
        requests += 1
        let request = HTTPRequest(head: head, body: body, peer: peer)
        body = []
        switch worker.router.match(head) {
        case .refusal(let response): respond(response)
        case .handler(let handler):
            let number = requests
            let bound = LoopBound((connection: self, handler: handler, request: request), on: worker.loop)
            let task = worker.loop.startTask {
                let (connection, handler, request) = bound.value
                let response = await handler(request)
                connection.respond(response)
            }
            // A handler that never suspended has already been answered, and the next one may be running.
            if phase == .handling, requests == number { self.task = task }
        }
    }

    private func respond(_ response: HTTPResponse) {
        guard phase == .handling, let head else { return }
        task = nil
        let keepAlive =
            head.keepAlive && !worker.isDraining && requests < limits.requestsPerConnection
        let closes = write(response, to: head.method, version: head.version, keepAlive: keepAlive)
        report(response.head.status, problem: nil)
        self.head = nil
        parser.startNextRequest()
        phase = closes ? .ending : .reading
        // Within `process` the loop there goes on.
        if closes { flush() } else { process() }
    }

    /// Answers what is not a request, and closes: where the next one would start is unknown.
    private func refuse(_ error: HTTP1Error) {
        phase = .ending
        let response = HTTPResponse.text(error.status, error.message + "\n")
        _ = write(response, to: head?.method ?? .get, version: .http11, keepAlive: false)
        report(error.status, problem: error.message)
        flush()
    }

    private func write(
        _ response: HTTPResponse, to method: HTTPMethod, version: HTTPVersion, keepAlive: Bool
    ) -> Bool {
        var serializer = HTTP1ResponseSerializer(to: method, version: version, keepAlive: keepAlive)
        serializer.start(response.head, length: response.body.count, date: worker.date, into: &output)
        serializer.write(response.body.span, into: &output)
        serializer.end(into: &output)
        return serializer.closesConnection
    }

    private func report(_ status: HTTPStatus, problem: String?) {
        let duration = head == nil ? .zero : MonotonicClock.now - headArrival
        worker.finished(
            HTTPAccess(
                method: head?.method.name ?? "", target: head?.target ?? "", status: status, duration: duration,
                peer: peer, problem: problem))
    }

    // MARK: Output

    private func flush() {
        guard !isProcessing, let stream else { return }
        if !output.isEmpty {
            stream.write(output.span)
            output.removeAll(keepingCapacity: output.capacity <= 64 * 1024)
        }
        if stream.pendingBytes > 0 {
            if phase != .handling { wait(for: .output, limits.responseWriteTime) }
            if stream.pendingBytes > worker.configuration.pendingOutputBytes { stream.isReading = false }
        } else if phase == .ending {
            endStream()
        }
    }

    func streamDrained() {
        switch phase {
        case .reading:
            wait(for: .nothing, .zero)
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
        wait(for: .nothing, .zero)
        stream?.finish()
    }

    func closeIfIdle() {
        if phase == .reading, head == nil, parser.isBetweenRequests { end() }
    }

    func close() { stream?.close() }

    func streamClosed(_ error: SystemError?) {
        let wasHandling = phase == .handling
        phase = .closed
        timer?.cancel()
        timer = nil
        task?.cancel()
        task = nil
        stream = nil
        if wasHandling { report(.clientClosedRequest, problem: nil) }
        head = nil
        worker.connectionClosed(self)
    }

    // MARK: Time

    /// Starts a wait, unless it is the one that is running: bytes that trickle in do not prolong it.
    private func wait(for reason: Wait, _ time: Duration) {
        guard wait != reason else { return }
        wait = reason
        deadline = reason == .nothing ? .distantFuture : worker.loop.now + time
        // An earlier timer finds out when it fires; so a busy connection hardly ever touches the heap.
        if let timer, deadline < timer.deadline { timer.schedule(at: deadline) }
    }

    private func timerFired() {
        if worker.loop.now < deadline {
            timer?.schedule(at: deadline)
            return
        }
        switch wait {
        case .request: end()
        case .header:
            refuse(HTTP1Error(.requestTimeout, "the header was not complete after \(limits.headerReadTime)"))
        case .body: refuse(HTTP1Error(.requestTimeout, "the body was not complete after \(limits.bodyReadTime)"))
        case .output: close()
        case .nothing: break
        }
    }
}
