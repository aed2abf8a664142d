import HTTP2
import RPCTestSupport
import Testing

/// How streams and sessions end.
@Suite struct HTTP2SessionEndTests {
    /// A request that only waits for its turn keeps nothing once it is reset, though nghttp2 keeps the reset until then.
    @Test func nothingWaitsInARequestThatIsReset() throws {
        var few = HTTP2Configuration.defaults
        few.maxConcurrentStreams = 1
        let wire = try Wire(server: few)
        try wire.run()
        let calls = try (0..<2).map { _ in try wire.client.request(head, body: [UInt8](repeating: 1, count: 1000)) }
        try wire.run()
        let waiting = try #require(calls[1].stream)
        #expect(waiting.bufferedBytes == 1000)
        wire.client.session.reset(waiting, .cancel)
        #expect(waiting.bufferedBytes == 0)
        wire.server.session.respondAndEnd(try #require(wire.server.streams.first?.stream), okHead)
        try wire.run()
        for call in calls { #expect(call.isClosed) }
        #expect(wire.server.streams.count == 1)
        wire.end()
    }

    /// Nor does an answer that its client has given up, for as long as somebody holds the stream.
    @Test func nothingWaitsInAnAnswerThatIsGivenUp() throws {
        var closed = HTTP2Configuration.defaults
        closed.initialWindow = 0
        let wire = try Wire(client: closed)
        let (call, request) = try wire.open()
        let stream = try #require(request.stream)
        wire.server.session.respond(stream, okHead, body: [UInt8](repeating: 1, count: 1000), trailers: okTrailers)
        try wire.run()
        #expect(stream.bufferedBytes == 1000)
        wire.client.session.reset(try #require(call.stream), .cancel)
        try wire.run()
        #expect(stream.isClosed)
        #expect(stream.bufferedBytes == 0)
        wire.end()
    }

    @Test func resetsTravelBothWays() throws {
        let wire = try Wire()
        let first = try wire.open()
        wire.client.session.reset(try stream(first.client), .cancel)
        try wire.run()
        #expect(first.client.closings == [.cancel])
        #expect(first.server.closings == [.cancel])
        #expect(wire.server.resets == 1)
        let second = try wire.open()
        wire.server.session.reset(try stream(second.server), .refusedStream)
        try wire.run()
        #expect(second.client.closings == [.refusedStream])
        #expect(second.server.closings == [.refusedStream])
    }

    @Test func aResetDropsWhatIsPending() throws {
        var narrow = HTTP2Configuration.defaults
        narrow.initialWindow = 10
        let wire = try Wire(client: narrow)
        let (request, seen) = try wire.open()
        wire.server.session.respond(
            try stream(seen), okHead, body: Array(repeating: 1, count: 100_000), trailers: okTrailers)
        var bytes: [UInt8] = []
        try wire.server.session.drain(into: &bytes, limit: .max)
        wire.client.session.reset(try stream(request), .cancel)
        try wire.client.session.receive(bytes.span)
        try wire.run()
        #expect(seen.closings == [.cancel])
        #expect(wire.server.session.streamCount == 0)
        // The next call is not disturbed.
        let next = try wire.open()
        wire.server.session.respond(try stream(next.server), okHead, body: [5], trailers: okTrailers)
        try wire.run()
        #expect(next.client.data == [5])
    }

    /// In whatever way the answer ends: the rest of the request is not wanted, and the client gets the whole answer first
    /// (RFC 9113 section 8.1).
    @Test(arguments: EarlyAnswer.allCases) func anAnswerBeforeTheRequestHasEnded(kind: EarlyAnswer) throws {
        let wire = try Wire()
        let (request, seen) = try wire.open(body: nil)
        let answered = try stream(seen)
        var body: [UInt8] = []
        switch kind {
        case .head: wire.server.session.respondAndEnd(answered, okHead)
        case .whole:
            // More than the window lets go at once: the reset has to wait for the end.
            body = Array(repeating: 7, count: 300_000)
            wire.server.session.respond(answered, okHead, body: body, trailers: okTrailers)
        case .inPieces:
            body = [1, 2, 3, 4]
            wire.server.session.respond(answered, okHead)
            wire.server.session.send([1, 2], on: answered)
            try wire.run()
            #expect(!request.isClosed)
            wire.server.session.send([3, 4], on: answered)
            wire.server.session.end(answered, trailers: okTrailers)
        case .withoutTrailers:
            wire.server.session.respond(answered, okHead)
            wire.server.session.end(answered)
        }
        try wire.run()
        #expect(request.data == body)
        #expect(request.stream?.inputEnded == true)
        #expect(request.closings == [.noError])
        #expect(seen.closings == [.noError])
        #expect(wire.client.session.streamCount == 0 && wire.server.session.streamCount == 0)
        let next = try wire.open()
        wire.server.session.respond(try stream(next.server), okHead, body: [5], trailers: okTrailers)
        try wire.run()
        #expect(next.client.data == [5])
    }

    enum EarlyAnswer: CaseIterable {
        case head, whole, inPieces, withoutTrailers
    }

    @Test func aStreamThatNobodyTakes() throws {
        let wire = try Wire()
        wire.server.takesStreams = false
        let request = try wire.client.request(head, body: [1])
        try wire.run()
        #expect(request.closings.count == 1)
        #expect(request.closings.first != .noError)
        #expect(wire.server.session.streamCount == 0)
    }

    @Test func theServersLimitQueuesAtTheClient() throws {
        var two = HTTP2Configuration.defaults
        two.maxConcurrentStreams = 2
        let wire = try Wire(server: two)
        try wire.run()
        let requests = try (0..<5).map { try wire.client.request(head, body: [UInt8($0)]) }
        try wire.run()
        #expect(wire.server.streams.count == 2)
        #expect(requests.map(\.isClosed) == [false, false, false, false, false])
        #expect(requests.map { $0.stream?.hasLeft } == [true, true, false, false, false])
        // As one ends, the next leaves.
        for round in 0..<5 {
            let seen = wire.server.streams[round]
            wire.server.session.respond(try stream(seen), okHead, body: seen.data, trailers: okTrailers)
            try wire.run()
            #expect(wire.server.streams.count == min(5, round + 3))
        }
        #expect(requests.map(\.data) == [[0], [1], [2], [3], [4]])
        #expect(requests.allSatisfy { $0.closings == [.noError] })
    }

    @Test func aRequestIsCalledOffInTheQueue() throws {
        var one = HTTP2Configuration.defaults
        one.maxConcurrentStreams = 1
        let wire = try Wire(server: one)
        try wire.run()
        let requests = try (0..<3).map { try wire.client.request(head, body: [UInt8($0)]) }
        try wire.run()
        wire.client.session.reset(try stream(requests[1]), .cancel)
        let first = try #require(wire.server.streams.first)
        wire.server.session.respond(try stream(first), okHead, body: [], trailers: okTrailers)
        try wire.run()
        #expect(requests[1].closings == [.cancel])
        #expect(requests[1].stream?.hasLeft == false)
        #expect(wire.server.streams.map(\.data) == [[0], [2]])
    }

    @Test func pings() throws {
        let wire = try Wire()
        wire.client.session.ping(0x0123_4567_89ab_cdef)
        wire.server.session.ping(42)
        try wire.run()
        #expect(wire.client.pingAcks == [0x0123_4567_89ab_cdef])
        #expect(wire.server.pingAcks == [42])
        #expect(wire.server.pings == 1)
        #expect(wire.client.pings == 1)
    }

    @Test func aGracefulGoAway() throws {
        let wire = try Wire()
        let before = try wire.open()
        wire.server.session.announceShutdown(thenPing: 1)
        // A request that crosses the announcement is still taken.
        let crossing = try wire.client.request(head, body: [2])
        var bytes: [UInt8] = []
        try wire.client.session.drain(into: &bytes, limit: .max)
        try wire.server.session.receive(bytes.span)
        try wire.run()
        #expect(wire.client.goAways == [.init(Int32.max, .noError)])
        #expect(wire.server.streams.count == 2)
        wire.server.session.goAway(.noError, debugData: "max_age")
        try wire.run()
        #expect(wire.client.goAways.last == .init(3, .noError, "max_age"))
        #expect(crossing.isClosed == false)
        #expect(wire.client.session.isAlive && wire.server.session.isAlive)
        // A request after it does not leave at all.
        let late = try wire.client.request(head, body: [3])
        try wire.run()
        #expect(late.closings == [.refusedStream])
        #expect(late.stream?.hasLeft == false)
        for record in wire.server.streams {
            wire.server.session.respond(try stream(record), okHead, body: record.data, trailers: okTrailers)
        }
        try wire.run()
        #expect(before.client.data == [1, 2, 3])
        #expect(crossing.data == [2])
        #expect(!wire.client.session.isAlive)
        #expect(!wire.server.session.isAlive)
    }

    @Test func aGoAwayRefusesWhatTheServerHasNotSeen() throws {
        let wire = try Wire()
        let seen = try wire.open()
        wire.server.session.goAway(.noError)
        let unseen = try wire.client.request(head, body: [2])
        var bytes: [UInt8] = []
        try wire.client.session.drain(into: &bytes, limit: .max)
        // On its way while the GOAWAY comes the other way.
        try wire.run()
        #expect(unseen.stream?.hasLeft == true)
        #expect(unseen.closings == [.refusedStream])
        #expect(!seen.client.isClosed)
    }

    @Test func aClientSaysGoodbye() throws {
        let wire = try Wire()
        let (request, seen) = try wire.open()
        wire.client.session.goAway(.noError)
        try wire.run()
        #expect(wire.server.goAways == [.init(0, .noError)])
        #expect(wire.client.session.isAlive)
        wire.server.session.respond(try stream(seen), okHead, body: [1], trailers: okTrailers)
        try wire.run()
        #expect(request.closings == [.noError])
        #expect(!wire.client.session.isAlive)
        #expect(!wire.server.session.isAlive)
    }

    @Test func invalidateClosesEveryStreamOnce() throws {
        let wire = try Wire()
        let requests = try (0..<4).map { _ in try wire.client.request(head, body: [1]) }
        try wire.run()
        let seen = try #require(wire.server.streams.first)
        wire.server.session.respond(try stream(seen), okHead, body: [], trailers: okTrailers)
        try wire.run()
        wire.client.session.invalidate()
        wire.client.session.invalidate()
        #expect(requests.map(\.closings) == [[.noError], [.internalError], [.internalError], [.internalError]])
        #expect(wire.client.session.streamCount == 0)
        #expect(!wire.client.session.isAlive)
        // Everything after is harmless.
        wire.client.session.reset(try stream(requests[1]), .cancel)
        wire.client.session.goAway(.noError)
        wire.client.session.ping(1)
        try wire.client.session.receive([1, 2, 3].span)
        var bytes: [UInt8] = []
        try wire.client.session.drain(into: &bytes, limit: .max)
        #expect(bytes.isEmpty)
        #expect(throws: HTTP2RequestError.session("the session has ended")) { try wire.client.request(head, body: []) }
        wire.server.session.invalidate()
        #expect(wire.server.streams.map(\.closings.count) == [1, 1, 1, 1])
    }

    @Test func aHandlerMayEndTheSessionFromTheClosingOfAStream() throws {
        // What a channel does that sends the call elsewhere.
        let wire = try Wire()
        let requests = try (0..<3).map { _ in try wire.client.request(head, body: [1]) }
        try wire.run()
        wire.client.changed = { [client = wire.client] in client.session.goAway(.cancel) }
        wire.client.session.invalidate()
        #expect(requests.allSatisfy { $0.closings == [.internalError] })
        wire.client.changed = {}
    }

    // MARK: What cannot be sent

    private static let large = String(repeating: "v", count: 70_000)

    @Test func aRequestThatIsTooLargeIsNotSubmitted() throws {
        let wire = try Wire()
        #expect(throws: HTTP2RequestError.self) {
            try wire.client.request(head + [("large", HTTP2SessionEndTests.large)], body: [1])
        }
        #expect(wire.client.session.streamCount == 0)
        // 64 KiB with HPACK's overhead, as long as the server has not asked for less.
        _ = try wire.client.request(head + [("large", String(repeating: "v", count: 65_000))], body: [1])
        #expect(wire.client.session.streamCount == 1)
    }

    @Test func thePeersLimitOfAHeaderListCounts() throws {
        var small = HTTP2Configuration.defaults
        small.maxHeaderListSize = 1000
        let wire = try Wire(server: small)
        try wire.run()
        #expect(throws: HTTP2RequestError.request("header fields of 1328 bytes are over the limit of 1000")) {
            try wire.client.request(head + [("large", String(repeating: "v", count: 1000))], body: [1])
        }
    }

    @Test(arguments: ["headers", "trailers", "trailers of a body", "only headers"])
    func anAnswerThatIsTooLargeResetsItsStream(part: String) throws {
        let wire = try Wire()
        let (request, server) = try wire.open()
        let large = HeaderBlock([(":status", "200"), ("large", HTTP2SessionEndTests.large)])
        let open = try stream(server)
        switch part {
        case "headers": wire.server.session.respond(open, large, body: [1], trailers: okTrailers)
        case "trailers": wire.server.session.respond(open, okHead, body: [1], trailers: large)
        case "trailers of a body":
            wire.server.session.respond(open, okHead)
            wire.server.session.send([1, 2, 3], on: open)
            wire.server.session.end(open, trailers: large)
        default: wire.server.session.respondAndEnd(open, large)
        }
        try wire.run()
        #expect(request.closings == [.internalError])
        #expect(server.closings == [.internalError])
        #expect(server.notSent.count == 1)
        #expect(server.notSent.first?.contains("over the limit of 16384") == true)
        #expect(wire.server.session.streamCount == 0)
        // The connection is as good as before.
        let (next, answered) = try wire.open()
        wire.server.session.respond(try stream(answered), okHead, body: [1], trailers: okTrailers)
        try wire.run()
        #expect(next.closings == [.noError])
    }
}
