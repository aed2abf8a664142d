import HTTP2
import RPCTestSupport
import Testing

/// What a peer should not send.
@Suite struct HTTP2SessionAbuseTests {
    @Test func garbageIsNoPreface() throws {
        let server = try SessionRecord(.server)
        let error = #expect(throws: HTTP2SessionError.self) {
            try server.session.receive(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span)
        }
        #expect(error?.description.hasPrefix("HTTP/2, received bytes: ") == true)
        let client = try SessionRecord(.client)
        // A client takes any frame first but SETTINGS for a broken server.
        try? client.session.receive(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).span)
        var bytes: [UInt8] = []
        try client.session.drain(into: &bytes, limit: .max)
        #expect(!client.session.isAlive)
    }

    @Test func aBrokenFrameEndsTheSessionWithAGoAway() throws {
        let wire = try Wire()
        _ = try wire.open()
        // PING of three bytes.
        try wire.server.session.receive([0, 0, 3, 6, 0, 0, 0, 0, 0, 1, 2, 3].span)
        try wire.run()
        #expect(wire.client.goAways.first?.code == HTTP2ErrorCode(rawValue: 6))
        #expect(!wire.server.session.isAlive)
    }

    @Test func aTornPreface() throws {
        let server = try SessionRecord(.server)
        let client = try SessionRecord(.client)
        var bytes: [UInt8] = []
        try client.session.drain(into: &bytes, limit: .max)
        for byte in bytes { try server.session.receive([byte].span) }
        #expect(server.settings == 1)
    }

    @Test func aFloodOfPingsWithoutReadingIsCutOff() throws {
        var few = HTTP2Configuration.defaults
        few.maxQueuedAcks = 10
        let wire = try Wire(server: few)
        try wire.run()
        let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(throws: HTTP2SessionError.self) {
            for _ in 0..<100 { try wire.server.session.receive(ping.span) }
        }
    }

    @Test func aFloodOfResetsIsCutOff() throws {
        var few = HTTP2Configuration.defaults
        few.resetBurst = 5
        few.resetRate = 1
        let wire = try Wire(server: few)
        try wire.run()
        for _ in 0..<40 where wire.client.goAways.isEmpty {
            let request = try wire.client.request(head, body: nil)
            try wire.run()
            wire.client.session.reset(try stream(request), .cancel)
            try wire.run()
        }
        #expect(wire.client.goAways.count == 1)
    }

    /// A request with one field of four thousand bytes, and `count` references to it of one byte each (an "HPACK bomb").
    private func bomb(_ count: Int) throws -> SessionRecord {
        let server = try SessionRecord(.server)
        let client = try SessionRecord(.client)
        var bytes: [UInt8] = []
        try client.session.drain(into: &bytes, limit: .max)
        var block: [UInt8] = [0x83, 0x86, 0x84, 0x01, 0x01, 0x78]  // POST, http, "/", :authority "x"
        let length = 4000 - 127
        block += [0x40, 0x01, 0x62, 0x7f, UInt8(length & 0x7f) | 0x80, UInt8(length >> 7)]
        block += Array(repeating: 0x76, count: 4000)
        block += Array(repeating: 0xbe, count: count)
        bytes += [0, UInt8(block.count >> 8), UInt8(block.count & 0xff), 1, 5, 0, 0, 0, 1] + block
        try server.session.receive(bytes.span)
        try server.session.drain(into: &bytes, limit: .max)
        return server
    }

    @Test func aHeaderBlockOverItsLimitIsSeenAsSuch() throws {
        let server = try bomb(10)
        let stream = try #require(server.streams.first)
        // What goes over the limit of 16 KiB is there, so that the reader can tell; what comes after is not.
        #expect(stream.blocks.first?.count == 4 + 5)
        #expect(stream.closings == [])
        #expect(server.resets == 0)
    }

    @Test func aHeaderBlockThatUnfoldsIsCutOff() throws {
        let server = try bomb(10_000)
        let stream = try #require(server.streams.first)
        #expect(stream.blocks == [])
        #expect(stream.closings == [.enhanceYourCalm])
        // It counts as a reset, of which a client may make so many.
        #expect(server.resets == 1)
    }

    @Test func headersAreCheckedByTheLibrary() throws {
        let wire = try Wire()
        // Fields of a connection are malformed (RFC 9113 section 8.2.2).
        let request = try wire.client.request(head + [("connection", "close")], body: [1])
        try wire.run()
        #expect(request.closings == [.protocolError])
        #expect(wire.server.streams.first?.closings == [.protocolError])
        #expect(wire.server.streams.first?.blocks == [])
    }

    @Test func errorsHaveNames() {
        #expect(HTTP2ErrorCode.refusedStream.description == "REFUSED_STREAM")
        #expect(HTTP2ErrorCode(rawValue: 13).description == "HTTP_1_1_REQUIRED")
        #expect(HTTP2ErrorCode(rawValue: 99).description == "error code 99")
    }
}
