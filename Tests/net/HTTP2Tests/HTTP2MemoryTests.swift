import HTTP2
import RPCTestSupport
import Testing

@Suite struct HTTP2MemoryTests {
    /// A call with a header block that makes nghttp2 take blocks of every size.
    private func call(on wire: Wire, _ number: Int) throws {
        let long = String(repeating: "v", count: 40 * (number % 30))
        let request = try wire.client.request(head + [("x-\(number)", long)], body: Array(repeating: 1, count: number))
        try wire.run()
        let seen = try #require(wire.server.streams.last)
        #expect(seen.value(of: "x-\(number)") == long && seen.data.count == number)
        wire.server.session.respond(try stream(seen), okHead, body: seen.data, trailers: okTrailers)
        try wire.run()
        #expect(request.data.count == number && request.closings == [.noError])
    }

    @Test func whatACallFreesIsTheNextOnes() throws {
        let memory = HTTP2Memory()
        let wire = try Wire(memory: memory)
        for number in 0..<300 { try call(on: wire, number) }
        let kept = memory.keptBytes
        #expect(kept > 0)
        for number in 0..<300 { try call(on: wire, number) }
        // HPACK's tables have been full since long, so the second round needs what the first one did.
        #expect(abs(memory.keptBytes - kept) < kept / 2)
    }

    @Test func sessionsShareIt() throws {
        let memory = HTTP2Memory()
        for number in 1...20 {
            let wires = try (0..<5).map { _ in try Wire(memory: memory) }
            for wire in wires { try call(on: wire, number) }
            for wire in wires { wire.end() }
        }
        // All sessions are gone, and what they had is here.
        #expect(memory.keptBytes > 0 && memory.keptBytes < 200_000)
    }

    @Test func noMoreIsKeptThanTheLimit() throws {
        let memory = HTTP2Memory()
        let wire = try Wire(memory: memory)
        for _ in 0..<20_000 { _ = try wire.client.request(head, body: nil) }
        #expect(memory.keptBytes < HTTP2Memory.keepLimit / 2)
        wire.end()
        #expect(memory.keptBytes > HTTP2Memory.keepLimit / 2)
        #expect(memory.keptBytes <= HTTP2Memory.keepLimit + 512)
    }
}
