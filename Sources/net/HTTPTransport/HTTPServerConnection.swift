import Addresses
import Bytes
import Events
import HTTP
import System
import Telemetry
import Timing

/// One client's connection: carries out what its session says. Loop thread only.
final class HTTPServerConnection: ByteStreamDelegate {
    private let worker: HTTPServerWorker
    private let peer: SocketAddress?
    private var session: HTTP1ServerSession
    private var stream: (any ByteStream)?
    private lazy var timer = Timer(on: worker.loop) { [weak self] in self?.timerFired() }
    /// How much of the guest's opening has come; nil once it is known to be no such connection.
    private var opening: OpeningMatch?

    // Of the request that is being answered:

    /// Where the router found it.
    private var route: String?
    private var trace: RequestTrace?
    /// If the trace is recorded.
    private var caller: HTTPAccess.Caller?
    private var task: Task<Void, Never>?
    /// For the task, which starts at once and takes it.
    private var handler: HTTPRouter.Handler?
    private var request: HTTPRequest?
    private var file: FileSlice?
    private var failure: RequestFailure?
    /// Somebody waits for the client to catch up.
    private var drain: Completion<Void>?

    init(worker: HTTPServerWorker, peer: SocketAddress?) {
        self.worker = worker
        self.peer = peer
        session = HTTP1ServerSession(
            limits: worker.configuration.limits, bounds: worker.configuration.bounds, stopping: worker.stopping,
            at: worker.loop.now)
        opening = worker.guest.map { OpeningMatch($0.opening) }
    }

    func start(on stream: any ByteStream) {
        self.stream = stream
        perform()
    }

    // MARK: Actions

    private func perform() {
        while let action = session.next(pending: stream?.pendingBytes ?? 0, at: worker.loop.now) {
            switch action {
            case .handle(let head, let body): handle(head, body)
            case .refuse(let error): _ = respond(worker.router.refusal(error.status, error.message))
            case .write: stream?.write(draining: &session.output)
            case .sendFile: sendFile()
            case .resumeProducer:
                drain?.complete(())
                drain = nil
            case .cancelHandler: task?.cancel()
            case .report(let report): tell(report)
            case .pauseReading: stream?.isReading = false
            case .resumeReading: stream?.isReading = true
            case .setTimer(let time): timer.schedule(at: time)
            case .finish: stream?.finish()
            case .abort: stream?.abort()
            case .close: stream?.close()
            case .end: end()
            }
        }
    }

    private func handle(_ head: HTTPRequestHead, _ body: [UInt8]) {
        let trace = RequestTrace(head.fields, sampler: worker.sampler, using: &worker.generator)
        self.trace = trace
        if worker.sampler != nil, trace.context.isSampled { caller = HTTPAccess.Caller(head.fields) }
        switch worker.router.match(head) {
        case .refusal(let response, let route):
            self.route = route
            _ = answer(response)
            session.handlerStarted()
        case .handler(let handler, let route):
            self.route = route
            self.handler = handler
            request = HTTPRequest(head: head, body: body, peer: peer, trace: trace)
            let number = session.requestNumber
            let bound = LoopBound(self, on: worker.loop)
            let task = worker.loop.startTask { await bound.value.work(number) }
            // A handler that never suspended has already been answered.
            if session.handlerStarted() { self.task = task }
        }
    }

    private func work(_ number: Int) async {
        guard let handler, let request else { return }
        self.handler = nil
        self.request = nil
        guard let produce = answer(await handler(request)) else { return }
        do {
            try await produce(HTTPBodyWriter(self, request: number))
            bodyEnded(of: number)
        } catch {
            bodyFailed(of: number, error)
        }
    }

    /// Tells of a request, which is over.
    private func tell(_ report: HTTP1ServerSession.Report) {
        // What fails because the client has left is nothing to look after.
        let failure = report.status == .clientClosedRequest ? nil : self.failure
        worker.finished(
            HTTPAccess(
                method: report.line?.method.name ?? "", target: report.line?.target ?? "", route: route,
                status: report.status, duration: report.headArrival.map { MonotonicClock.now - $0 } ?? .zero,
                peer: peer, trace: trace, caller: caller, problem: report.problem, failure: failure,
                isRequest: report.isRequest))
        self.failure = nil
        route = nil
        trace = nil
        caller = nil
        task = nil
        file = nil
    }

    private func sendFile() {
        guard let stream, let file else { return session.fileSent() }
        stream.write(draining: &session.output)
        if stream.send(file) { session.fileSent() } else { session.fileStarted(left: file.count) }
    }

    private func end() {
        timer.cancel()
        task = nil
        drain?.complete(())
        drain = nil
        worker.connectionClosed(self)
    }

    // MARK: Answers

    /// Answers what is to produce the body, if it has to be produced.
    private func answer(_ response: consuming HTTPResponse) -> ((HTTPBodyWriter) async throws -> Void)? {
        if worker.configuration.namesRequests, let id = trace?.requestID {
            response.head.fields.append("X-Request-Id", id)
        }
        failure = response.failure
        let produce = respond(response)
        perform()
        return produce
    }

    private func respond(_ response: consuming HTTPResponse) -> ((HTTPBodyWriter) async throws -> Void)? {
        switch response.body {
        case .bytes(let bytes):
            _ = session.respond(response.head, .bytes(bytes), date: worker.date)
            return nil
        case .file(let slice):
            if session.respond(response.head, .file(count: slice.count), date: worker.date) { file = slice }
            return nil
        case .stream(let produce):
            return session.respond(response.head, .stream, date: worker.date) ? produce : nil
        }
    }

    /// Answers whether the response goes on.
    func writePiece(_ bytes: [UInt8], of request: Int) async -> Bool {
        guard session.write(bytes.span, of: request) else { return false }
        perform()
        if session.holdsProducer {
            let drain = Completion<Void>()
            self.drain = drain
            await drain.wait()
        }
        return session.isStreaming(request)
    }

    func tell(_ failure: RequestFailure, of request: Int) {
        if session.isStreaming(request) { self.failure = failure }
    }

    private func bodyEnded(of request: Int) {
        session.bodyEnded(of: request)
        perform()
    }

    private func bodyFailed(of request: Int, _ error: any Error) {
        session.bodyFailed(of: request, "\(error)")
        perform()
    }

    // MARK: Events

    func streamReceived(_ bytes: Span<UInt8>) {
        if opening != nil, isGuest(bytes) { return }
        session.received(bytes)
        perform()
    }

    /// What is not yet decided is HTTP/1.1's as well, whose limits and times hold so far; it is one line, and unfinished.
    private func isGuest(_ bytes: Span<UInt8>) -> Bool {
        switch opening?.receive(bytes) {
        case .complete(let before)?:
            leave(to: worker.guest, after: before, bytes)
            return true
        case .other?: opening = nil
        case .more?, nil: break
        }
        return false
    }

    private func leave(to guest: (any StreamServer)?, after before: ArraySlice<UInt8>, _ bytes: Span<UInt8>) {
        guard let stream, let guest else { return }
        timer.cancel()
        self.stream = nil
        stream.delegate = nil
        worker.connectionLeft(self)
        var read = Array(before)
        read.append(contentsOf: bytes)
        guest.take(stream, after: read.span)
    }

    func streamReachedEnd() {
        session.reachedEnd()
        perform()
    }

    func streamDrained() {
        session.drained()
        perform()
    }

    func streamClosed(_ error: SystemError?) {
        stream = nil
        session.closed(storageFailure: error.flatMap { $0.isStorageFailure ? $0.description : nil })
        perform()
    }

    func stop(_ stopping: HTTP1ServerSession.Stopping) {
        session.stop(stopping)
        perform()
    }

    func close() { stream?.close() }

    private func timerFired() {
        session.timerFired(at: worker.loop.now, fileLeft: file?.count ?? 0)
        perform()
    }
}
