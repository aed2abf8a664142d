import HTTP2
import RPCTestSupport
import Testing

/// A client's windows: who reads slowly is sent no more than it takes, and holds nobody else up.
@Suite struct HTTP2SessionWindowTests {
    private static let window = 1000

    /// A server that has `size` bytes for one stream, of which the client's handler releases nothing by itself.
    private func held(_ wire: Wire, size: Int) throws -> (client: StreamRecord, server: HTTP2Stream) {
        let (request, seen) = try wire.open()
        try stream(request).holdsWindow = true
        wire.server.session.respond(try stream(seen), okHead)
        wire.server.session.send(Array(repeating: 1, count: size), on: try stream(seen))
        try wire.run()
        return (request, try stream(seen))
    }

    private func narrow(connection: Int32 = 1024 * 1024) throws -> Wire {
        var configuration = HTTP2Configuration.defaults
        configuration.initialWindow = Int32(HTTP2SessionWindowTests.window)
        configuration.connectionWindow = connection
        return try Wire(client: configuration)
    }

    @Test func aStreamThatHoldsItsWindowIsSentNoMore() throws {
        let wire = try narrow()
        let (request, down) = try held(wire, size: 10_000)
        #expect(request.data.count == 1000)
        #expect(down.pendingBytes == 9000)
        // One that does not, beside it, is sent all.
        let (other, seen) = try wire.open()
        wire.server.session.respond(
            try stream(seen), okHead, body: Array(repeating: 2, count: 10_000), trailers: okTrailers)
        try wire.run()
        #expect(other.data.count == 10_000)
        #expect(request.data.count == 1000)
    }

    @Test(arguments: [1, 7, 125, 499, 1000])
    func whatIsReleasedIsSentAnew(step: Int) throws {
        let wire = try narrow()
        let (request, down) = try held(wire, size: 10_000)
        var released = 0
        while down.pendingBytes > 0 {
            let pending = down.pendingBytes
            // A whole window was used: the server must have heard by then.
            for _ in 0..<(HTTP2SessionWindowTests.window / step + 1) where released + step <= request.data.count {
                wire.client.session.release(step, of: try stream(request))
                released += step
            }
            try wire.run()
            #expect(request.data.count - released <= HTTP2SessionWindowTests.window)
            try #require(down.pendingBytes < pending)
        }
        #expect(request.data.count == 10_000)
    }

    /// Of the connection's window nothing is lost, whatever becomes of the streams that used it.
    @Test func streamsThatAreResetLeaveTheConnectionItsWindow() throws {
        let wire = try narrow(connection: 65_535)
        for round in 0..<200 {
            let (request, _) = try held(wire, size: 5000)
            #expect(request.data.count == 1000, "round \(round)")
            wire.client.session.reset(try stream(request), .cancel)
            try wire.run()
            #expect(request.isClosed)
        }
        #expect(wire.client.session.streamCount == 0)
    }

    /// Data that is on its way when its stream is reset counts as well.
    @Test func soDoesDataForAStreamThatIsNoMore() throws {
        let wire = try narrow(connection: 65_535)
        for round in 0..<200 {
            let (request, seen) = try wire.open()
            let down = try stream(seen)
            wire.server.session.respond(down, okHead)
            wire.server.session.send(Array(repeating: 1, count: 900), on: down)
            var bytes: [UInt8] = []
            try wire.server.session.drain(into: &bytes, limit: .max)
            wire.client.session.reset(try stream(request), .cancel)
            var reset: [UInt8] = []
            try wire.client.session.drain(into: &reset, limit: .max)
            try wire.client.session.receive(bytes.span)
            try wire.server.session.receive(reset.span)
            try wire.run()
            #expect(bytes.count > 900, "round \(round)")
        }
        let (request, _) = try held(wire, size: 1000)
        #expect(request.data.count == 1000)
    }

    @Test func aStreamThatHasClosedReleasesNothing() throws {
        let wire = try narrow()
        let (request, _) = try held(wire, size: 1000)
        wire.client.session.reset(try stream(request), .cancel)
        try wire.run()
        #expect(!wire.client.session.release(1000, of: try stream(request)))
        wire.client.session.invalidate()
        #expect(!wire.client.session.release(1000, of: try stream(request)))
    }

    /// Padding takes of both windows, and no handler ever sees it (RFC 9113 section 6.1).
    @Test func paddingIsGivenBackByItself() throws {
        let wire = try narrow(connection: 65_535)
        let (request, seen) = try wire.open()
        wire.server.session.respond(try stream(seen), okHead)
        try wire.run()
        // DATA of 202 bytes with PADDED set, on stream 1: the padding's length, a byte, and 200 of padding.
        let padded: [UInt8] = [0, 0, 202, 0, 8, 0, 0, 0, 1] + [200, 7] + Array(repeating: 0, count: 200)
        for _ in 0..<1000 {
            try wire.client.session.receive(padded.span)
            var bytes: [UInt8] = []
            try wire.client.session.drain(into: &bytes, limit: .max)
        }
        #expect(request.data.count == 1000)
        #expect(!request.isClosed)
        #expect(wire.client.session.isAlive)
    }
}
