import Bytes
package import Timing

/// The server's side of one connection, pure: what happens on it and when goes in, what is to be done comes out.
///
/// Requests are answered one at a time and in order. After every input take actions (`next`) until there is none, and
/// carry each out before the next is taken; doing so may give further inputs, and ask for actions within an action.
///
/// Back-pressure: while a request is being answered, further input is kept up to a limit and then left in the kernel;
/// while much output is pending, no further request is started. Either way TCP slows the client down.
package struct HTTP1ServerSession: ~Copyable {
    /// What is to be written.
    package var output: [UInt8] = []

    var phase = Phase.waiting
    var handler = Handler.none
    var input = Input.flowing
    var stopping: Stopping
    var parser: HTTP1RequestParser
    var exchange = Exchange()
    var pendingReport: Report?
    var requests = 0
    var timeout: PeerTimeout
    let bounds: Bounds
    var limits: HTTP1Limits { parser.limits }

    /// A new connection has as long as a header has: one that is opened in advance is rare, one that never speaks is an
    /// attack.
    package init(limits: HTTP1Limits, bounds: Bounds, stopping: Stopping = .no, at now: Instant) {
        self.bounds = bounds
        self.stopping = stopping
        parser = HTTP1RequestParser(limits: limits)
        timeout = PeerTimeout(for: .request, limits.headerReadTime, at: now)
    }

    // MARK: Events

    package mutating func received(_ bytes: Span<UInt8>) {
        switch phase {
        case .waiting:
            parser.feed(bytes)
            phase = .reading
        case .reading, .handling, .streaming, .sendingFile: parser.feed(bytes)
        case .refusing, .ending, .ended, .closing, .closed: break
        }
    }

    package mutating func reachedEnd() {
        input = .ended
        if handler == .running { handler = .cancelling }
    }

    /// All output has gone to the kernel, the file included.
    package mutating func drained() {
        switch phase {
        case .streaming(.held): phase = .streaming(.released)
        case .sendingFile(.going): endResponse()
        case .reading, .waiting, .refusing, .handling, .streaming, .sendingFile, .ending, .ended, .closing, .closed:
            break
        }
    }

    package mutating func stop(_ stopping: Stopping) {
        self.stopping = max(self.stopping, stopping)
        guard self.stopping == .closingIdle, exchange.head == nil, parser.isBetweenMessages else { return }
        switch phase {
        case .reading, .waiting: phase = .ending(.finish)
        case .refusing, .handling, .streaming, .sendingFile, .ending, .ended, .closing, .closed: break
        }
    }

    /// `fileLeft` is what is left of the file that is being sent.
    package mutating func timerFired(at now: Instant, fileLeft: Int = 0) {
        switch (timeout.expire(at: now), phase) {
        case (.output, _): outputExpired(at: now, fileLeft: fileLeft)
        case (.request, .waiting): phase = .ending(.finish)
        case (.header, .waiting): refuse(.incomplete("header", after: limits.headerReadTime))
        case (.body, .waiting): refuse(.incomplete("body", after: limits.bodyReadTime))
        case (.request, _), (.header, _), (.body, _), (.nothing, _): break
        }
    }

    mutating func refuse(_ error: HTTP1Error) {
        exchange.refusal = error
        phase = .refusing
    }

    /// The client does not take what it asked for, unless it is a large file that it goes on taking.
    private mutating func outputExpired(at now: Instant, fileLeft: Int) {
        let time = limits.responseWriteTime
        if case .sendingFile(.going(let left)) = phase {
            let (enough, overflow) = bounds.slowestFileReading.multipliedReportingOverflow(
                by: max(Int(clamping: time.components.seconds), 1))
            if !overflow, left - fileLeft >= enough {
                phase = .sendingFile(.going(left: fileLeft))
                return timeout.begin(.output, time, at: now)
            }
        }
        let problem = "the client did not take the response in \(DurationText.format(time))"
        switch phase {
        case .handling, .streaming, .sendingFile: report(.clientClosedRequest, problem: problem)
        case .reading, .waiting, .ending: report(.clientClosedRequest, problem: problem, isRequest: false)
        case .refusing, .ended, .closing, .closed: return
        }
        if handler == .running { handler = .cancelling }
        phase = .ending(.close)
    }

    /// The stream has closed. `storageFailure` is what went wrong with the file that was being sent.
    package mutating func closed(storageFailure: String? = nil) {
        switch phase {
        case .handling, .streaming: report(.clientClosedRequest)
        case .sendingFile:
            if let storageFailure { reportCutOff(storageFailure) } else { report(.clientClosedRequest) }
        case .reading, .waiting, .refusing, .ending, .ended: break
        case .closing, .closed: return
        }
        switch handler {
        case .starting, .running, .cancelling: handler = .cancelling
        case .none, .cancelled: break
        }
        phase = .closing
        output = []
    }

    // MARK: Answers

    /// The handler runs, or has run already. Answers whether it is still at work.
    @discardableResult
    package mutating func handlerStarted() -> Bool {
        guard handler == .starting else { return false }
        switch phase {
        case .handling, .streaming: handler = .running
        case .reading, .waiting, .refusing, .sendingFile, .ending, .ended, .closing, .closed: handler = .none
        }
        return handler == .running
    }

    /// The response to the request that is being handled, or to what is none. Answers whether the body is wanted that
    /// is not in memory: the file with the next `sendFile`, the pieces by `write` from now on.
    package mutating func respond(_ head: HTTPResponseHead, _ body: Body, date: String) -> Bool {
        switch phase {
        case .handling: break
        case .refusing:
            start(head, body, date: date, keepAlive: false)
            exchange.serializer.end(into: &output)
            report(exchange.refusal?.status ?? head.status, problem: exchange.refusal?.message)
            phase = .ending(.finish)
            return false
        case .reading, .waiting, .streaming, .sendingFile, .ending, .ended, .closing, .closed: return false
        }
        let wantsMore = exchange.head?.keepAlive == true && requests < limits.requestsPerConnection
        start(head, body, date: date, keepAlive: wantsMore && stopping == .no)
        exchange.isCancelled = (handler == .cancelling || handler == .cancelled) && head.status.code >= 500
        switch body {
        case .file where exchange.serializer.hasBody:
            exchange.serializer.bodyIsSentApart()
            finishHandler()
            phase = .sendingFile(.ready)
            return true
        case .stream where exchange.serializer.hasBody:
            phase = .streaming(.begun)
            return true
        case .bytes, .file, .stream:
            endResponse()
            return false
        }
    }

    private mutating func start(_ head: HTTPResponseHead, _ body: Body, date: String, keepAlive: Bool) {
        exchange.serializer = HTTP1ResponseSerializer(
            to: exchange.head?.method ?? .get, version: exchange.head?.version ?? .http11, keepAlive: keepAlive)
        exchange.status = head.status
        switch body {
        case .bytes(let bytes):
            exchange.serializer.start(head, length: bytes.count, date: date, into: &output)
            exchange.serializer.write(bytes.span, into: &output)
        case .file(let count): exchange.serializer.start(head, length: count, date: date, into: &output)
        case .stream: exchange.serializer.start(head, length: nil, date: date, into: &output)
        }
    }

    /// The number of the request that was handed out last: late pieces of an earlier one's body are none of the next.
    package var requestNumber: Int { requests }

    /// A piece of the body that is being produced. Answers whether it was taken.
    package mutating func write(_ piece: Span<UInt8>, of request: Int) -> Bool {
        guard isStreaming(request) else { return false }
        exchange.serializer.write(piece, into: &output)
        if phase == .streaming(.begun) { phase = .streaming(.running) }
        return true
    }

    package func isStreaming(_ request: Int) -> Bool {
        if case .streaming = phase { requests == request } else { false }
    }

    /// Whether the producer is to wait for `resumeProducer`.
    package var holdsProducer: Bool { phase == .streaming(.held) }

    package mutating func bodyEnded(of request: Int) {
        guard isStreaming(request) else { return }
        exchange.isCancelled = handler == .cancelling || handler == .cancelled
        endResponse()
    }

    /// The connection is cut with RST rather than ended in order, which would look like the body's own end to a client
    /// of HTTP/1.0.
    package mutating func bodyFailed(of request: Int, _ reason: String) {
        guard isStreaming(request) else { return }
        switch handler {
        case .cancelling, .cancelled: report(.clientClosedRequest)
        case .none, .starting, .running: reportCutOff(reason)
        }
        finishHandler()
        phase = .ending(.abort)
    }

    package mutating func fileStarted(left: Int) {
        if phase == .sendingFile(.ready) { phase = .sendingFile(.going(left: left)) }
    }

    package mutating func fileSent() {
        switch phase {
        case .sendingFile: endResponse()
        case .reading, .waiting, .refusing, .handling, .streaming, .ending, .ended, .closing, .closed: break
        }
    }

    /// The whole response is written.
    private mutating func endResponse() {
        exchange.serializer.end(into: &output)
        // A stop that began meanwhile could not tell the client; it closes idle connections, and this may be one now.
        let isIdle = parser.isBetweenMessages
        let closes = exchange.serializer.closesConnection || (stopping == .closingIdle && isIdle)
        report(exchange.isCancelled ? .clientClosedRequest : exchange.status)
        finishHandler()
        parser.startNextRequest()
        phase = closes ? .ending(.finish) : isIdle ? .waiting : .reading
    }

    private mutating func finishHandler() {
        switch handler {
        // Until `handlerStarted`.
        case .starting: break
        case .none, .running, .cancelling, .cancelled: handler = .none
        }
    }

    /// Tells of the request, which is over.
    private mutating func report(_ status: HTTPStatus, problem: String? = nil, isRequest: Bool = true) {
        pendingReport = Report(
            status: status, line: parser.line, headArrival: exchange.arrival, problem: problem, isRequest: isRequest)
        exchange = Exchange()
    }

    /// Whatever status has gone out: what the client has is worth nothing, and that is not its doing.
    private mutating func reportCutOff(_ reason: String) {
        report(.internalServerError, problem: "the response was cut off: \(reason)")
    }
}
