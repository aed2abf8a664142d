import HTTP2
import RPCTestSupport
import Testing

@Suite struct HeaderBlockTests {
    @Test func fieldsArriveInOrderAndWhole() throws {
        let wire = try Wire()
        var block = HeaderBlock([(":status", "200"), ("empty", "")])
        let long = String(repeating: "v", count: 5000)
        block.append("long", long)
        block.append(name: Array("raw".utf8).span, value: Array("bytes".utf8).span)
        let request = try wire.client.request(head, body: [])
        try wire.run()
        let seen = try #require(wire.server.streams.first?.stream)
        wire.server.session.respondAndEnd(seen, block)
        try wire.run()
        #expect(request.blocks == [[":status: 200", "empty: ", "long: \(long)", "raw: bytes"]])
    }

    /// What is not indexed costs its bytes each time; what is indexed costs one byte the second time.
    @Test func aFieldIsIndexedUnlessItIsSaidNotToBe() throws {
        let value = String(repeating: "0123456789", count: 10)
        func cost(isIndexed: Bool) throws -> Int {
            let wire = try Wire()
            var block = HeaderBlock([(":status", "200")])
            block.append("x-id", value, isIndexed: isIndexed)
            var costs: [Int] = []
            for _ in 0..<2 {
                let before = wire.toClient
                wire.server.session.respondAndEnd(try stream(wire.open().server), block)
                try wire.run()
                costs.append(wire.toClient - before)
            }
            return costs[1]
        }
        let indexed = try cost(isIndexed: true)
        let literal = try cost(isIndexed: false)
        // Digits take five bits each in HPACK's code (RFC 7541 appendix B).
        #expect(literal - indexed > 60)
    }

    @Test func aBlockIsAValue() {
        let one = HeaderBlock([("a", "1"), ("b", "2")])
        var two = HeaderBlock()
        two.append("a", "1")
        #expect(one != two)
        two.append("b", "2")
        #expect(one == two)
        // The same bytes, cut elsewhere.
        #expect(HeaderBlock([("ab", "c")]) != HeaderBlock([("a", "bc")]))
    }

    /// Its bytes are nghttp2's for as long as there may be a frame that waits for its turn.
    @Test func fixedHeadersArriveLikeOthersAndStayWhileTheyAreNeeded() throws {
        let wire = try Wire()
        let long = String(repeating: "v", count: 3000)
        for number in 0..<3 {
            let opened = try wire.open(body: [])
            try wire.run()
            let seen = try stream(opened.server)
            do {
                let block = HeaderBlock([
                    (":status", "200"), ("x-number", "\(number)"), ("x-empty", ""), ("x-long", long),
                ])
                let headers = FixedHeaders(block)
                #expect(headers.block == block)
                wire.server.session.respond(
                    seen, headers, body: [1, 2], trailers: FixedHeaders(HeaderBlock([("x-last", "\(number)")])))
            }
            try wire.run()
            #expect(
                opened.client.blocks == [
                    [":status: 200", "x-number: \(number)", "x-empty: ", "x-long: \(long)"], ["x-last: \(number)"],
                ])
            #expect(opened.client.data == [1, 2])
        }
    }
}
