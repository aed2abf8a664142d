import HTTP2
import RPCTestSupport
import Testing

/// Calls, however they are cut.
@Suite struct HTTP2SessionTests {
    @Test(arguments: [1, 2, 7, 100, Int.max])
    func aCallHoweverTheBytesAreCut(piece: Int) throws {
        let wire = try Wire()
        let request = try wire.client.request(head + [("x-key", "value")], body: Array(0..<200))
        try wire.run(piece: piece)
        let seen = try #require(wire.server.streams.first)
        #expect(wire.client.settings == 1)
        #expect(wire.server.settings == 1)
        #expect(seen.blocks == [(head + [("x-key", "value")]).map { "\($0.name): \($0.value)" }])
        #expect(seen.data == Array(0..<200))
        #expect(seen.inputEnded)
        #expect(!request.isClosed)
        wire.server.session.respond(try stream(seen), okHead, body: Array(50..<250), trailers: okTrailers)
        try wire.run(piece: piece)
        #expect(request.blocks == [[":status: 200", "content-type: application/grpc"], ["grpc-status: 0"]])
        #expect(request.data == Array(50..<250))
        #expect(request.closings == [.noError])
        #expect(seen.closings == [.noError])
        #expect(wire.client.session.streamCount == 0)
        #expect(wire.server.session.streamCount == 0)
    }

    @Test func bodiesOverTheWindowsArriveWhole() throws {
        var small = HTTP2Configuration.defaults
        small.initialWindow = 1000
        small.connectionWindow = 65_535
        let wire = try Wire(client: small, server: small)
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }
        let request = try wire.client.request(head, body: body)
        try wire.run(piece: 997)
        let seen = try #require(wire.server.streams.first)
        #expect(seen.data == body)
        wire.server.session.respond(try stream(seen), okHead, body: body, trailers: okTrailers)
        try wire.run(piece: 997)
        #expect(request.data == body)
        #expect(request.value(of: "grpc-status", block: 1) == "0")
        #expect(request.closings == [.noError])
    }

    @Test func aSlowReaderHoldsTheBodyBack() throws {
        var narrow = HTTP2Configuration.defaults
        narrow.initialWindow = 100
        let wire = try Wire(client: narrow)
        let (_, seen) = try wire.open()
        wire.server.session.respond(
            try stream(seen), okHead, body: Array(repeating: 1, count: 5000), trailers: okTrailers)
        var bytes: [UInt8] = []
        try wire.server.session.drain(into: &bytes, limit: .max)
        // The window's hundred bytes have left, and nothing more until the client has taken them.
        #expect(try stream(seen).pendingBytes == 4900)
        #expect(bytes.count < 400)
    }

    @Test func drainingStopsNearItsLimit() throws {
        let wire = try Wire()
        let (request, seen) = try wire.open()
        let body = Array(repeating: UInt8(7), count: 200_000)
        wire.server.session.respond(try stream(seen), okHead, body: body, trailers: okTrailers)
        var chunks = 0
        while !request.isClosed {
            var bytes: [UInt8] = []
            try wire.server.session.drain(into: &bytes, limit: 10_000)
            // One frame over at most.
            #expect(bytes.count < 10_000 + 16_384 + 9)
            try #require(!bytes.isEmpty)
            try wire.client.session.receive(bytes.span)
            chunks += 1
        }
        #expect(chunks >= 10)
        #expect(request.data == body)
    }

    @Test func headersAlone() throws {
        let wire = try Wire()
        let (request, seen) = try wire.open()
        wire.server.session.respondAndEnd(try stream(seen), HeaderBlock([(":status", "200"), ("grpc-status", "5")]))
        try wire.run()
        #expect(request.blocks == [[":status: 200", "grpc-status: 5"]])
        #expect(request.inputEnded)
        #expect(request.closings == [.noError])
        #expect(seen.closings == [.noError])
    }

    @Test func headersAloneEndARequestThatIsStillComing() throws {
        let wire = try Wire()
        let (request, seen) = try wire.open(body: nil)
        wire.server.session.respondAndEnd(try stream(seen), HeaderBlock([(":status", "200"), ("grpc-status", "8")]))
        try wire.run()
        // The answer arrives, and the rest of the request is called off.
        #expect(request.value(of: "grpc-status") == "8")
        #expect(request.inputEnded)
        #expect(request.closings == [.noError])
        #expect(seen.closings == [.noError])
        #expect(wire.client.session.streamCount == 0)
    }

    @Test func anAnswerInTheMidstOfTheRequestsHead() throws {
        let wire = try Wire()
        wire.server.requestEnded = { _ in Issue.record("the request has no end") }
        let request = try wire.client.request(head, body: nil)
        var bytes: [UInt8] = []
        try wire.client.session.drain(into: &bytes, limit: .max)
        try wire.server.session.receive(bytes.span)
        let seen = try #require(wire.server.streams.first)
        wire.server.session.respondAndEnd(try stream(seen), HeaderBlock([(":status", "415")]))
        wire.client.session.send([1, 2, 3], on: try stream(request))
        try wire.run()
        #expect(request.value(of: ":status") == "415")
        #expect(request.closings == [.noError])
    }

    @Test func aBodyInParts() throws {
        let wire = try Wire()
        let (request, seen) = try wire.open(body: nil)
        let up = try stream(request)
        let down = try stream(seen)
        wire.client.session.send([1, 2], on: up)
        try wire.run()
        #expect(seen.data == [1, 2])
        wire.client.session.send([3], on: up)
        wire.client.session.send([4, 5], on: up)
        try wire.run()
        #expect(seen.data == [1, 2, 3, 4, 5])
        #expect(!seen.inputEnded)
        wire.server.session.respond(down, okHead)
        try wire.run()
        #expect(request.blocks.count == 1)
        wire.client.session.end(up)
        try wire.run()
        #expect(seen.inputEnded)
        wire.server.session.send([9], on: down)
        try wire.run()
        #expect(request.data == [9])
        wire.server.session.send([8], on: down)
        wire.server.session.end(down, trailers: okTrailers)
        try wire.run()
        #expect(request.data == [9, 8])
        #expect(request.value(of: "grpc-status", block: 1) == "0")
        #expect(request.closings == [.noError])
        // Too late, and harmless.
        wire.server.session.send([7], on: down)
        wire.server.session.end(down)
        wire.server.session.reset(down, .cancel)
        try wire.run()
        #expect(request.data == [9, 8])
    }

    @Test func aBodyWithoutTrailers() throws {
        let wire = try Wire()
        let (request, seen) = try wire.open()
        wire.server.session.respond(try stream(seen), okHead)
        wire.server.session.send([1], on: try stream(seen))
        wire.server.session.end(try stream(seen))
        try wire.run()
        #expect(request.blocks.count == 1)
        #expect(request.data == [1])
        #expect(request.inputEnded)
    }

    @Test func anEmptyBodyWithTrailers() throws {
        let wire = try Wire()
        let (request, seen) = try wire.open(body: [])
        #expect(seen.inputEnded && seen.data.isEmpty)
        wire.server.session.respond(try stream(seen), okHead, body: [], trailers: okTrailers)
        try wire.run()
        #expect(request.blocks.count == 2)
        #expect(request.data.isEmpty)
        #expect(request.closings == [.noError])
    }

    @Test func aNoticeWhenTheOutputHasShrunk() throws {
        var narrow = HTTP2Configuration.defaults
        narrow.initialWindow = 1000
        let wire = try Wire(client: narrow)
        let (request, seen) = try wire.open()
        let down = try stream(seen)
        wire.server.session.respond(down, okHead)
        wire.server.session.send(Array(repeating: 1, count: 5000), on: down)
        down.drainNotice = 2000
        var bytes: [UInt8] = []
        try wire.server.session.drain(into: &bytes, limit: .max)
        #expect(seen.drainNotices == 0)
        try wire.client.session.receive(bytes.span)
        try wire.run()
        #expect(seen.drainNotices == 1)
        #expect(request.data.count == 5000)
    }
}
