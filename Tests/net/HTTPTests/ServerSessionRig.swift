import HTTP
import Testing
import Timing

/// A session with the stream and the program around it, whose parts a test plays: what the kernel takes, when time
/// passes, what handlers answer. Every input answers with what the session had done, a word an action.
final class ServerSessionRig {
    var session: HTTP1ServerSession
    private(set) var now = Instant(nanoseconds: 0)
    private(set) var written = ""
    /// What the kernel takes before it lets output pend.
    var room = Int.max
    private(set) var pending = 0
    /// Of the file that is being sent.
    var fileLeft = 0
    private(set) var alarm: Instant?
    /// What a handler answers before it suspends for the first time.
    var answersAtOnce = false

    static let bounds = HTTP1ServerSession.Bounds(
        pipelinedBytes: 100, pendingOutputBytes: 1000, slowestFileReading: 10)

    init(
        limits: HTTP1Limits = .defaults, bounds: HTTP1ServerSession.Bounds = ServerSessionRig.bounds,
        stopping: HTTP1ServerSession.Stopping = .no
    ) {
        session = HTTP1ServerSession(limits: limits, bounds: bounds, stopping: stopping, at: now)
        #expect(actions() == ["timer 10"])
    }

    // MARK: Inputs

    func received(_ text: String) -> [String] {
        session.received(Array(text.utf8).span)
        return actions()
    }

    func get(_ target: String, _ fields: String = "", version: String = "1.1", method: String = "GET")
        -> [String]
    {
        received("\(method) \(target) HTTP/\(version)\r\nHost: x\r\n\(fields)\r\n")
    }

    func respond(_ text: String, _ status: HTTPStatus = .ok) -> [String] {
        let wantsMore = session.respond(HTTPResponseHead(status: status), .bytes(Array(text.utf8)), date: "now")
        #expect(!wantsMore)
        return actions()
    }

    func respond(fileOf count: Int) -> [String] {
        fileLeft = count
        return (session.respond(HTTPResponseHead(status: .ok), .file(count: count), date: "now") ? ["file"] : [])
            + actions()
    }

    func stream(_ status: HTTPStatus = .ok) -> [String] {
        (session.respond(HTTPResponseHead(status: status), .stream, date: "now") ? ["produce"] : []) + actions()
    }

    func write(_ text: String, of request: Int = 1) -> [String] {
        (session.write(Array(text.utf8).span, of: request) ? [] : ["refused"]) + actions()
            + (session.holdsProducer ? ["held"] : [])
    }

    func bodyEnded(of request: Int = 1) -> [String] {
        session.bodyEnded(of: request)
        return actions()
    }

    func bodyFailed(of request: Int = 1) -> [String] {
        session.bodyFailed(of: request, "why")
        return actions()
    }

    func reachedEnd() -> [String] {
        session.reachedEnd()
        return actions()
    }

    /// The client takes all there is.
    func drain() -> [String] {
        pending = 0
        fileLeft = 0
        room = .max
        session.drained()
        return actions()
    }

    func stop(_ stopping: HTTP1ServerSession.Stopping) -> [String] {
        session.stop(stopping)
        return actions()
    }

    func closed(storageFailure: String? = nil) -> [String] {
        session.closed(storageFailure: storageFailure)
        return actions()
    }

    /// So many seconds pass.
    func wait(_ seconds: Int) -> [String] {
        now = now + .seconds(seconds)
        guard let alarm, alarm <= now else { return [] }
        self.alarm = nil
        session.timerFired(at: now, fileLeft: fileLeft)
        return actions()
    }

    // MARK: Actions

    func actions() -> [String] {
        var words: [String] = []
        while let action = session.next(pending: pending, at: now) {
            guard words.count < 1000 else {
                Issue.record("the session never rests: \(words.suffix(5))")
                break
            }
            words.append(word(action))
            words += carryOut(action)
        }
        return words
    }

    private func carryOut(_ action: HTTP1ServerSession.Action) -> [String] {
        switch action {
        case .handle(let head, _):
            let answer = answersAtOnce ? respond("answer to \(head.target)") : []
            session.handlerStarted()
            return answer
        case .refuse(let error): return respond(error.message, error.status)
        case .write: takeOutput()
        case .sendFile:
            takeOutput()
            if pending == 0, room >= fileLeft { session.fileSent() } else { session.fileStarted(left: fileLeft) }
        case .setTimer(let time): alarm = time
        case .resumeProducer, .cancelHandler, .report, .pauseReading, .resumeReading, .finish, .abort, .close, .end:
            break
        }
        return []
    }

    private func takeOutput() {
        let count = session.output.count
        written += String(decoding: session.output, as: UTF8.self)
        session.output = []
        pending += max(count - room, 0)
        room = max(room - count, 0)
    }

    private func word(_ action: HTTP1ServerSession.Action) -> String {
        switch action {
        case .handle(let head, let body): "handle \(head.target)\(body.isEmpty ? "" : " \(body.count)")"
        case .refuse(let error): "refuse \(error.status.code)"
        case .write: "write"
        case .sendFile: "send file"
        case .resumeProducer: "resume producer"
        case .cancelHandler: "cancel"
        case .report(let report):
            "\(report.isRequest ? "report" : "note") \(report.status.code) \(report.line?.target ?? "-")"
        case .pauseReading: "pause"
        case .resumeReading: "resume"
        case .setTimer(let time): "timer \(time.nanoseconds / 1_000_000_000)"
        case .finish: "finish"
        case .abort: "abort"
        case .close: "close"
        case .end: "end"
        }
    }
}
