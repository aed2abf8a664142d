import Bytes
import HTTP
import Testing
import Timing

/// Whatever clients, kernels, handlers and time do, in whatever order, the session keeps its promises.
@Suite struct HTTP1ServerSessionPropertyTests {
    @Test func randomInputsNeverBreakAPromise() {
        var seen: Set<String> = []
        for seed in 0..<2_000 {
            let world = World(seed: UInt64(seed))
            for _ in 0..<Int.random(in: 1...120, using: &world.random) { world.step() }
            world.close()
            #expect(world.broken == [], "seed \(seed)")
            seen.formUnion(world.seen)
        }
        // Else the inputs would not reach every part.
        #expect(
            seen == [
                "handle", "refuse", "write", "sendFile", "resumeProducer", "cancelHandler", "report", "pauseReading",
                "resumeReading", "setTimer", "finish", "abort", "close", "end",
            ])
    }
}

/// A session among parts that do what they like, within what the real ones may do.
private final class World {
    private enum Stream {
        case open
        case finishing
        case closed
    }

    private enum Handler {
        case none
        case running(Int)
        case producing(Int)
    }

    var random: SplitMix64
    private var session: HTTP1ServerSession
    private var now = Instant(nanoseconds: 0)
    private var alarm = Instant.distantFuture
    private var stream = Stream.open
    private var handler = Handler.none
    private var isReading = true
    private var inputEnded = false
    private var isHeld = false
    private var hasEnded = false
    private var pending = 0
    private var fileLeft = 0
    private var fileWanted = false
    /// What the client has yet to send.
    private var input: [UInt8] = []
    private var asked = 0
    private var handled = 0
    private var told = 0
    private var written: [UInt8] = []
    private var isStarting = false
    private(set) var seen: Set<String> = []
    private(set) var broken: [String] = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        var limits = HTTP1Limits.defaults
        limits.requestsPerConnection = 20
        limits.bodyBytes = 300
        session = HTTP1ServerSession(
            limits: limits,
            bounds: HTTP1ServerSession.Bounds(pipelinedBytes: 200, pendingOutputBytes: 200, slowestFileReading: 5),
            stopping: .no, at: now)
        perform()
    }

    private func promise(_ isKept: Bool, _ text: String) {
        if !isKept { broken.append(text) }
    }

    private func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    // MARK: Inputs

    func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: send()
        case 30..<52: work()
        case 52..<72: takeOutput()
        case 72..<84: passTime()
        case 84..<88: strayInput()
        case 88..<91: endInput()
        case 91..<93: session.stop(chance(50) ? .announced : .closingIdle)
        case 93..<94: closeStream(failure: chance(50) ? "disk" : nil)
        default: break
        }
        perform()
        checkRest()
    }

    func close() {
        closeStream(failure: nil)
        perform()
        promise(hasEnded, "the end is told of")
        promise(handled == told, "every request that was handled is told of: \(handled), \(told)")
        for _ in 0..<5 { strayInput() }
        perform()
        checkOutput()
    }

    private func send() {
        if input.isEmpty { input = nextRequest() }
        guard isReading, !inputEnded, stream == .open else { return }
        let piece = input.prefix(chance(50) ? input.count : Int.random(in: 1...input.count, using: &random))
        input.removeFirst(piece.count)
        session.received(Array(piece).span)
    }

    private func nextRequest() -> [UInt8] {
        let first = asked + 1
        asked += chance(30) ? 5 : 1
        return (first...asked).flatMap { number -> [UInt8] in
            let line = "/\(number) HTTP/1.\(chance(90) ? 1 : 0)\r\nHost: x\r\n"
            let text =
                switch Int.random(in: 0..<40, using: &random) {
                case 0: "bad\r\n"
                case 1: "POST \(line)Content-Length: 400\r\n\r\n"
                case 2: "POST \(line)Connection: close\r\nContent-Length: 0\r\n\r\n"
                case 3..<8: "HEAD \(line)\r\n"
                case 8..<14: "POST \(line)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                case 14..<18: "POST \(line)Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"
                default: "GET \(line)\r\n"
                }
            return Array(text.utf8)
        }
    }

    /// The handler, if there is one, gets on.
    private func work() {
        switch handler {
        case .none: break
        case .running(let number): respond(to: number)
        case .producing(let number):
            if isHeld { return }
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                handler = .none
                session.bodyEnded(of: number)
            case 1:
                handler = .none
                session.bodyFailed(of: number, "why")
            default:
                let taken = session.write(someBytes().span, of: number)
                perform()
                isHeld = taken && session.holdsProducer
            }
        }
    }

    private func someBytes() -> [UInt8] {
        Array(repeating: UInt8(ascii: "."), count: Int.random(in: 0...300, using: &random))
    }

    private func respond(to number: Int) {
        let head = HTTPResponseHead(status: chance(80) ? .ok : .badGateway, fields: ["X-Number": "\(number)"])
        handler = .none
        switch Int.random(in: 0..<3, using: &random) {
        case 0: promise(!session.respond(head, .bytes(someBytes()), date: "now"), "bytes are all there")
        case 1:
            fileLeft = Int.random(in: 0...2_000, using: &random)
            fileWanted = session.respond(head, .file(count: fileLeft), date: "now")
        default: if session.respond(head, .stream, date: "now") { handler = .producing(number) }
        }
    }

    private func takeOutput() {
        guard stream != .closed, pending + (fileWanted ? fileLeft : 0) > 0 else { return }
        let taken = chance(50) ? Int.max : Int.random(in: 1...400, using: &random)
        let ofPending = min(taken, pending)
        pending -= ofPending
        if fileWanted { fileLeft -= min(taken - ofPending, fileLeft) }
        if pending == 0, !fileWanted || fileLeft == 0 { session.drained() }
    }

    private func passTime() {
        now = now + .seconds(Int.random(in: 1...30, using: &random))
        guard alarm <= now else { return }
        alarm = .distantFuture
        session.timerFired(at: now, fileLeft: fileLeft)
    }

    private func endInput() {
        guard stream == .open, !inputEnded, isReading else { return }
        inputEnded = true
        session.reachedEnd()
    }

    /// What comes too late, or twice, or of what is over.
    private func strayInput() {
        let wasClosed = hasEnded
        let stray = session.isStreaming(handled) || isAtWork ? 3 : Int.random(in: 0..<4, using: &random)
        switch stray {
        case 0: promise(!session.respond(HTTPResponseHead(status: .ok), .stream, date: ""), "nobody asked")
        case 1: promise(!session.write(someBytes().span, of: handled), "nothing is streamed")
        case 2: session.bodyEnded(of: handled)
        default:
            session.bodyFailed(of: handled - 1, "late")
            session.handlerStarted()
            promise(!session.write(someBytes().span, of: handled - 1), "its request is over")
        }
        if wasClosed { session.received([0x47].span) }
    }

    private var isAtWork: Bool {
        if case .none = handler { false } else { true }
    }

    private func closeStream(failure: String?) {
        guard stream != .closed else { return }
        stream = .closed
        pending = 0
        session.closed(storageFailure: failure)
    }

    // MARK: Actions

    private func perform() {
        var count = 0
        while let action = session.next(pending: pending, at: now) {
            promise(!hasEnded, "nothing after the end: \(action)")
            count += 1
            if count > 2_000 { return promise(false, "the session never rests") }
            carryOut(action)
        }
    }

    private func carryOut(_ action: HTTP1ServerSession.Action) {
        seen.insert("\(action)".prefix { $0.isLetter }.description)
        switch action {
        case .handle(let head, _):
            promise(!isAtWork && stream == .open, "one handler at a time")
            promise(!isStarting, "none is started within the start of another")
            isStarting = true
            handled += 1
            promise(session.requestNumber == handled, "requests are counted")
            promise(head.target == "/\(handled)", "requests come in order: \(head.target)")
            handler = .running(handled)
            // Some of it within the call that starts it.
            while chance(50), isAtWork {
                work()
                perform()
            }
            isStarting = false
            session.handlerStarted()
        case .refuse(let error):
            promise(!session.respond(HTTPResponseHead(status: error.status), .bytes([]), date: ""), "that is all")
        case .write: write()
        case .sendFile:
            promise(fileWanted, "there is a file")
            write()
            if pending == 0, chance(50) { fileLeft = 0 }
            if fileLeft == 0, pending == 0 { session.fileSent() } else { session.fileStarted(left: fileLeft) }
        case .resumeProducer:
            promise(isHeld || isAtWork, "somebody is held back")
            isHeld = false
        case .cancelHandler: break
        case .report(let report):
            guard report.isRequest else { return }
            fileWanted = false
            if report.line != nil, report.problem == nil || told < handled { told += 1 }
            promise(told <= handled, "each is told of once")
            if let line = report.line, told == handled, report.problem == nil {
                promise(line.target == "/\(handled)", "that request was the last: \(line.target)")
            }
        case .pauseReading:
            promise(isReading, "reading was paused already")
            isReading = false
        case .resumeReading:
            promise(!isReading, "reading was not paused")
            isReading = true
        case .setTimer(let time):
            promise(time < alarm, "sooner than before")
            alarm = time
        case .finish:
            promise(stream == .open && pending == 0, "all has gone before the end")
            stream = .finishing
            if chance(50) { closeStream(failure: nil) }
        case .abort, .close: closeStream(failure: nil)
        case .end:
            promise(stream == .closed && !hasEnded, "the end is told of once, when the stream has closed")
            hasEnded = true
            isHeld = false
        }
    }

    private func write() {
        promise(stream == .open, "nothing is written after the end")
        written += session.output
        let count = session.output.count
        session.output = []
        pending += chance(60) ? 0 : min(count, Int.random(in: 0...count, using: &random))
    }

    /// What has to be so while the session has nothing to do.
    private func checkRest() {
        guard stream == .open else { return }
        promise(session.output.isEmpty || isAtWork, "what there is has been written")
        if !isAtWork {
            promise(alarm != .distantFuture, "no peer is waited for without an end")
            if pending == 0, !fileWanted { promise(isReading || inputEnded, "reading goes on") }
        }
        if isHeld { promise(pending > 0, "who is held back is told when the client has caught up") }
    }

    /// Each request has one response, in their order.
    private func checkOutput() {
        let numbers = String(decoding: written, as: UTF8.self).split(separator: "X-Number: ").dropFirst().compactMap {
            Int($0.prefix { $0.isNumber })
        }
        promise(numbers == Array(1..<numbers.count + 1) && numbers.count <= handled, "answers in order: \(numbers)")
    }
}
