import HTTP
import Testing
import Timing

/// The server's side of a connection, by its inputs and actions.
@Suite struct HTTP1ServerSessionTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

    // MARK: Requests

    @Test func aRequestIsHandledAnsweredAndToldOf() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.respond("hello") == ["report 200 /a", "write"])
        #expect(rig.written == "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\n\r\nhello")
        #expect(rig.get("/b") == ["handle /b"])
    }

    @Test func aBodyComesWhole() {
        let rig = ServerSessionRig()
        #expect(rig.received("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe") == [])
        #expect(rig.received("llo") == ["handle /a 5"])
    }

    @Test func whoWaitsForItIsToldToContinue() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a", "Content-Length: 1\r\nExpect: 100-continue\r\n", method: "POST") == ["write"])
        #expect(rig.written == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(rig.received("x") == ["handle /a 1"])
    }

    @Test func aViolationIsAnsweredOnceAndEndsTheConnection() {
        let rig = ServerSessionRig()
        let actions = rig.received("bad\r\n" + Self.get)
        #expect(actions == ["refuse 400", "report 400 -", "write", "finish"])
        #expect(rig.received(Self.get) == [])
        #expect(rig.closed() == ["end"])
        #expect(rig.closed() == [])
    }

    @Test func whatTheClientWantsEndsTheConnection() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a", "Connection: close\r\n") == ["handle /a"])
        #expect(rig.respond("") == ["report 200 /a", "write", "finish"])
    }

    @Test func requestsPerConnectionAreCounted() {
        var limits = HTTP1Limits.defaults
        limits.requestsPerConnection = 2
        let rig = ServerSessionRig(limits: limits)
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.respond("") == ["report 200 /a", "write"])
        #expect(rig.get("/b") == ["handle /b"])
        #expect(rig.respond("") == ["report 200 /b", "write", "finish"])
    }

    // MARK: Pipelining

    @Test func theNextRequestWaitsForTheAnswer() {
        let rig = ServerSessionRig()
        #expect(rig.received(Self.get + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n") == ["handle /a"])
        #expect(rig.respond("one") == ["report 200 /a", "handle /b", "write"])
        #expect(rig.respond("two") == ["report 200 /b", "write"])
    }

    /// No call within a call, however many: each is begun when the one before has returned. And one write for them all.
    @Test func answersThatComeAtOnceAreCollected() {
        let rig = ServerSessionRig()
        rig.answersAtOnce = true
        let actions = rig.received(String(repeating: Self.get, count: 3))
        #expect(
            actions == [
                "handle /a", "report 200 /a", "handle /a", "report 200 /a", "handle /a", "report 200 /a", "write",
            ])
    }

    @Test func whatIsPipelinedIsBounded() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.received(String(repeating: Self.get, count: 3)) == [])
        #expect(rig.received(Self.get) == ["pause"])
        // Three are left, which is little enough.
        #expect(rig.respond("") == ["report 200 /a", "handle /a", "write", "resume"])
    }

    @Test func whoTakesNoAnswersIsAskedForNoMore() {
        let rig = ServerSessionRig()
        rig.room = 0
        rig.answersAtOnce = true
        let actions = rig.received(String(repeating: Self.get, count: 30))
        let handled = actions.filter { $0 == "handle /a" }.count
        #expect((10..<30).contains(handled))
        #expect(actions.suffix(3) == ["write", "pause", "timer 60"] || actions.suffix(2) == ["write", "pause"])
        #expect(rig.drain().filter { $0 == "handle /a" }.count == 30 - handled)
    }

    // MARK: Half-closure

    @Test func whatWasAskedForIsAnsweredAfterTheEnd() {
        let rig = ServerSessionRig()
        #expect(rig.received(Self.get + Self.get) == ["handle /a"])
        #expect(rig.reachedEnd() == ["cancel"])
        #expect(rig.respond("one") == ["report 200 /a", "handle /a", "write"])
        // Its client is as likely to be there as it was.
        #expect(rig.respond("two", .internalServerError) == ["report 500 /a", "write", "finish"])
        #expect(rig.written.contains("one") && rig.written.contains("two"))
    }

    @Test func whatACancelledHandlerFailsWithIsTheClientsDoing() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.reachedEnd() == ["cancel"])
        #expect(rig.respond("", .serviceUnavailable) == ["report 499 /a", "write", "finish"])
    }

    @Test(arguments: ["", "GET /a HT", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"])
    func theEndBeforeARequestIsWholeIsTheEnd(text: String) {
        let rig = ServerSessionRig()
        _ = rig.received(text)
        #expect(rig.reachedEnd() == ["finish"])
        #expect(rig.closed() == ["end"])
    }

    @Test func aClientThatLeavesIsToldOf() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.closed() == ["cancel", "report 499 /a", "end"])
        #expect(rig.respond("too late") == [])
        #expect(rig.reachedEnd() + rig.received(Self.get) + rig.drain() + rig.stop(.closingIdle) == [])
    }

    // MARK: Streams

    @Test func aStreamGoesOutPieceByPiece() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.stream() == ["produce", "write"])
        #expect(rig.write("one") == ["write"])
        #expect(rig.write("two", of: 7) == ["refused"])
        #expect(rig.bodyEnded() == ["report 200 /a", "write"])
        #expect(rig.written.hasSuffix("chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"))
        #expect(rig.write("late") == ["refused"])
        #expect(rig.get("/b") == ["handle /b"])
    }

    @Test func nothingIsProducedForHead() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a", method: "HEAD") == ["handle /a"])
        #expect(rig.stream() == ["report 200 /a", "write"])
    }

    /// While the handler is being started the head waits for its first piece; nothing more is begun, but pieces go out.
    @Test func piecesThatComeAtOnceGoOutAtOnce() {
        let rig = ServerSessionRig()
        rig.session.received(Array((Self.get + Self.get).utf8).span)
        guard case .handle = rig.session.next(pending: 0, at: rig.now) else { return #expect(Bool(false)) }
        #expect(rig.stream() == ["produce"])
        #expect(rig.write("one") == ["write"])
        #expect(rig.bodyEnded() == ["report 200 /a"])
        let isAtWork = rig.session.handlerStarted()
        #expect(!isAtWork)
        #expect(rig.actions() == ["handle /a", "write"])
    }

    @Test func aSlowReaderHoldsTheStreamBack() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.stream() == ["produce", "write"])
        rig.room = 0
        #expect(rig.write(String(repeating: "a", count: 900)) == ["write"])
        #expect(rig.write(String(repeating: "a", count: 900)) == ["write", "held"])
        #expect(rig.drain() == ["resume producer"])
        #expect(rig.write("b") == ["write"])
    }

    @Test func theEndOfAStreamsReaderIsItsEnd() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.stream() == ["produce", "write"])
        #expect(rig.reachedEnd() == ["cancel"])
        #expect(rig.bodyFailed() == ["report 499 /a", "abort"])
        #expect(rig.closed() == ["end"])
    }

    @Test func aStreamThatFailsIsCut() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.stream() == ["produce", "write"])
        #expect(rig.bodyFailed() == ["report 500 /a", "abort"])
    }

    @Test func aStreamsReaderMayLeave() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.stream() == ["produce", "write"])
        #expect(rig.closed() == ["cancel", "report 499 /a", "end"])
        #expect(rig.write("late") == ["refused"])
        #expect(rig.bodyEnded() + rig.bodyFailed() == [])
    }

    // MARK: Files

    @Test func aFileFollowsItsHead() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.respond(fileOf: 10) == ["file", "send file", "report 200 /a"])
        #expect(rig.written.hasSuffix("Content-Length: 10\r\n\r\n"))
        #expect(rig.get("/a", method: "HEAD") == ["handle /a"])
        #expect(rig.respond(fileOf: 10) == ["report 200 /a", "write"])
    }

    @Test func whatFollowsALargeFileWaitsForIt() {
        let rig = ServerSessionRig()
        rig.room = 500
        #expect(rig.received(Self.get + Self.get) == ["handle /a"])
        #expect(rig.respond(fileOf: 10_000) == ["file", "send file"])
        #expect(rig.drain() == ["report 200 /a", "handle /a"])
    }

    @Test func aReaderOfAFileHasToGoOn() {
        let rig = ServerSessionRig()
        rig.room = 500
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.respond(fileOf: 10_000) == ["file", "send file"])
        #expect(rig.wait(10) == ["timer 60"])
        // 600 bytes in a minute are enough, 599 are not.
        rig.fileLeft -= 600
        #expect(rig.wait(50) == ["timer 120"])
        rig.fileLeft -= 599
        #expect(rig.wait(60) == ["report 499 /a", "close"])
        #expect(rig.closed() == ["end"])
    }

    @Test(arguments: [(nil, "report 499 /a"), ("the disk", "report 500 /a")])
    func aFileThatCannotBeReadIsTheServersDoing(failure: String?, report: String) {
        let rig = ServerSessionRig()
        rig.room = 500
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.respond(fileOf: 10_000) == ["file", "send file"])
        #expect(rig.closed(storageFailure: failure) == [report, "end"])
    }

    // MARK: Time

    @Test func whoNeverSpeaksIsLeft() {
        let rig = ServerSessionRig()
        #expect(rig.wait(9) == [])
        #expect(rig.wait(1) == ["finish"])
    }

    /// From the first byte, whatever trickles in later.
    @Test func aHeaderHasItsTime() {
        let rig = ServerSessionRig()
        #expect(rig.wait(5) == [])
        #expect(rig.received("GET /a HTTP/1.1\r\n") == [])
        #expect(rig.wait(5) == ["timer 15"])
        #expect(rig.received("Host: x\r\n") == [])
        #expect(rig.wait(5) == ["refuse 408", "report 408 /a", "write", "finish"])
    }

    @Test func aBodyHasItsTime() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a", "Content-Length: 2\r\n", method: "POST") == [])
        #expect(rig.wait(10) == ["timer 60"])
        #expect(rig.received("x") == [])
        #expect(rig.wait(50) == ["refuse 408", "report 408 /a", "write", "finish"])
    }

    @Test func aHandlerHasAllTheTimeAndAnIdleClientSome() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.wait(100) == [])
        #expect(rig.respond("") == ["report 200 /a", "write", "timer 175"])
        #expect(rig.wait(75) == ["finish"])
    }

    @Test func anAnswerHasToBeTaken() {
        let rig = ServerSessionRig()
        rig.room = 10
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.respond("hello") == ["report 200 /a", "write"])
        #expect(rig.wait(10) == ["timer 60"])
        // The request was told of, and does not count again.
        #expect(rig.wait(50) == ["note 499 -", "close"])
    }

    @Test func aStreamHasToBeTaken() {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.stream() == ["produce", "write"])
        rig.room = 0
        #expect(rig.write("hello") == ["write"])
        #expect(rig.wait(10) == ["timer 60"])
        #expect(rig.wait(50) == ["cancel", "report 499 /a", "close"])
        #expect(rig.closed() == ["end"])
    }

    @Test func theLastAnswerHasToBeTakenToo() {
        let rig = ServerSessionRig()
        rig.room = 10
        #expect(rig.get("/a", "Connection: close\r\n") == ["handle /a"])
        #expect(rig.respond("hello") == ["report 200 /a", "write"])
        #expect(rig.drain() == ["finish"])
    }

    // MARK: Stopping

    @Test(arguments: [HTTP1ServerSession.Stopping.announced, .closingIdle])
    func aStopIsSaidInTheNextAnswer(stopping: HTTP1ServerSession.Stopping) {
        let rig = ServerSessionRig()
        #expect(rig.get("/a") == ["handle /a"])
        #expect(rig.stop(stopping) == [])
        #expect(rig.respond("") == ["report 200 /a", "write", "finish"])
        #expect(rig.written.contains("\r\nConnection: close\r\n"))
    }

    @Test func onlyIdleConnectionsAreClosed() {
        let idle = ServerSessionRig()
        #expect(idle.stop(.announced) == [])
        #expect(idle.stop(.closingIdle) == ["finish"])
        let busy = ServerSessionRig()
        #expect(busy.received("GET /a HTTP/1.1\r\n") == [])
        #expect(busy.stop(.closingIdle) == [])
        #expect(busy.received("Host: x\r\n\r\n") == ["handle /a"])
        let late = ServerSessionRig(stopping: .closingIdle)
        #expect(late.get("/a") == ["handle /a"])
    }

    /// The head of a response that is under way could not say that it is the last one.
    @Test(arguments: [true, false])
    func aStopDuringABodyLeavesNoRequestUnanswered(hasAnother: Bool) {
        let rig = ServerSessionRig()
        #expect(rig.received(Self.get + (hasAnother ? Self.get : "")) == ["handle /a"])
        #expect(rig.stream() == ["produce", "write"])
        #expect(rig.stop(.closingIdle) == [])
        #expect(rig.bodyEnded() == ["report 200 /a"] + (hasAnother ? ["handle /a", "write"] : ["write", "finish"]))
    }
}
