import Bytes
import HTTP2
import RPCTestSupport
import Testing

/// Blocks of fields arrive as they were sent, whatever came before; and what a reader is told of repetition is true.
@Suite struct FieldBlockTests {
    private typealias Field = (name: String, value: String)

    private func common(_ one: [String], _ other: [String]) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }

    @Test func fieldsThatRepeatAreCounted() throws {
        let wire = try Wire()
        for number in 0..<3 {
            let call = try wire.client.request(head + [("x-number", "\(number)"), ("x-last", "1")], body: [])
            try wire.run()
            let record = try #require(wire.server.streams.last)
            #expect(
                record.blocks == [
                    (head + [("x-number", "\(number)"), ("x-last", "1")]).map { "\($0.name): \($0.value)" }
                ])
            #expect(record.repeats == [number == 0 ? 0 : head.count])
            wire.server.session.respond(try #require(record.stream), okHead, body: [1], trailers: okTrailers)
            try wire.run()
            // The client has heads and trailers, each like those before.
            #expect(call.repeats == (number == 0 ? [0, 0] : [2, 1]))
        }
        wire.end()
    }

    /// Nothing of a block that was not handed over, for a fault of its own or of its stream, is taken for known.
    @Test(arguments: [false, true]) func aBlockThatNobodyGotIsNotTheOneBefore(isRefused: Bool) throws {
        let wire = try Wire()
        func send(_ fields: [Field]) throws -> StreamRecord? {
            let count = wire.server.streams.count
            _ = try wire.client.request(fields, body: [])
            try wire.run()
            return wire.server.streams.count > count ? wire.server.streams.last : nil
        }
        let other = requestHead("/test.Service/Other") + [("x-one", "1"), ("x-two", "2")]
        let good = head + [("x-one", "1"), ("x-two", "2")]
        #expect(try send(good)?.repeats == [0])
        #expect(try send(good)?.repeats == [good.count])
        if isRefused {
            wire.server.takesStreams = false
            #expect(try send(other) == nil)
            wire.server.takesStreams = true
        } else {
            // Forbidden in HTTP/2 (RFC 9113 section 8.2.2), at the very end.
            #expect(try send(other + [("connection", "close")])?.blocks == [])
        }
        let record = try #require(try send(other))
        #expect(record.blocks == [other.map { "\($0.name): \($0.value)" }])
        // The path is the third field.
        #expect(record.repeats == [2])
        wire.end()
    }

    @Test func randomBlocksArriveAsTheyWereSent() throws {
        var random = SplitMix64(seed: 7)
        func next(_ limit: UInt64) -> UInt64 { random.next() % limit }
        let wire = try Wire()
        var before: [String] = []
        for _ in 0..<2000 {
            var fields = requestHead("/test.Service/Method\(next(3))")
            // More than are remembered, at times; values that HPACK's table forgets, too.
            for place in 0..<next(20) {
                let length = next(10) == 0 ? Int(next(800)) : Int(next(4))
                fields.append((name: "x-\(place)", value: String(repeating: "v", count: length)))
            }
            let isBad = next(10) == 0
            if isBad { fields.insert((name: "connection", value: "close"), at: fields.count - Int(next(3))) }
            wire.server.takesStreams = next(10) > 0
            let count = wire.server.streams.count
            let call = try wire.client.request(fields, body: [])
            try wire.run()
            let lines = fields.map { "\($0.name): \($0.value)" }
            if wire.server.streams.count > count, let record = wire.server.streams.last, !isBad {
                #expect(record.blocks == [lines])
                #expect(record.repeats[0] <= common(lines, before))
                before = lines
                wire.server.session.respondAndEnd(try #require(record.stream), okHead)
                try wire.run()
            }
            #expect(call.isClosed)
        }
        wire.end()
    }
}
