import HTTP2
import RPCCore
import RPCTestSupport
import RPCTransport
import TestSupport
import Testing

/// The heads of a connection's answers are read once if they are all the same: what a call sees of its own must not differ
/// from what a connection's first call would have seen.
@Suite(.timeLimit(.minutes(5))) struct ResponseHeadTests {
    private static let usual: [(name: String, value: String)] = [
        (":status", "200"), ("content-type", "application/grpc"), ("x-pod-name", "one"),
    ]
    private static let gzip = usual + [("grpc-encoding", "gzip")]
    private static let longer = usual + [("x-trouble", "delay=50ms")]
    private static let page: [(name: String, value: String)] = [(":status", "503"), ("content-type", "text/html")]
    private static let unknown = usual + [("grpc-encoding", "zpaq")]
    private static let over = usual + [("grpc-status", "5"), ("grpc-message", "none such")]
    private static let kinds = [usual, gzip, longer, page, unknown, over]

    /// What a call comes to: its error, and the metadata that its answer began with.
    private struct Sight: Equatable {
        var error: RPCError?
        var metadata: Metadata
        var message: [UInt8]?
    }

    /// Calls that are answered by heads of these kinds, one after the other on one connection; what each saw, and whether its
    /// head was taken over.
    private func calls(_ order: [Int]) async throws -> [(sight: Sight, repeats: Bool)] {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { peer in
                peer.record.requestEnded = { [unowned peer] stream in
                    guard let open = stream.stream, let kind = stream.value(of: "x-kind").flatMap({ Int($0) }) else {
                        return
                    }
                    let head = HeaderBlock(ResponseHeadTests.kinds[kind])
                    if kind == 5 {
                        peer.session.respondAndEnd(open, head)
                    } else {
                        peer.session.respond(
                            open, head, body: frame([9]), trailers: HeaderBlock([("grpc-status", "0")]))
                    }
                    peer.flush()
                }
            }
            let delegate = TransportRecord(on: loop)
            let transport = try ClientTransport(
                to: server.address, context: TransportContext(on: loop), dialer: TestStreams.dialer, delegate: delegate)
            await delegate.event("ready")
            var seen: [(sight: Sight, repeats: Bool)] = []
            for kind in order {
                let outcome = Outcome(transport, on: loop, fields: [("x-kind", "\(kind)")])
                await outcome.end()
                let attempt = try #require(outcome.call)
                seen.append(
                    (
                        Sight(
                            error: outcome.error, metadata: attempt.initialMetadata,
                            message: outcome.messages.first), attempt.repeatsHead
                    ))
                // The head of a call that is over is read all the same.
                await poll("the stream's end", on: loop) { transport.inFlight == 0 }
            }
            server.stop()
            transport.close(because: "the test is over")
            await delegate.event("closed")
            return seen
        }
    }

    @Test func aHeadIsTakenOverFromOneThatIsTheSame() async throws {
        let seen = try await calls([0, 0, 0, 1, 1, 0])
        #expect(seen.map(\.repeats) == [false, true, true, false, true, false])
        #expect(seen.allSatisfy { $0.sight.error == nil && $0.sight.message == [9] && $0.sight.metadata.count == 1 })
    }

    @Test func whatACallSeesDoesNotDependOnTheOneBefore() async throws {
        var alone: [Sight] = []
        for kind in ResponseHeadTests.kinds.indices { alone.append(try await calls([kind])[0].sight) }
        #expect(Set(alone.map { $0.error?.code }) == [nil, .unavailable, .internal, .notFound])
        // Each after each, itself included.
        var order: [Int] = []
        for first in ResponseHeadTests.kinds.indices {
            for second in ResponseHeadTests.kinds.indices { order += [first, second] }
        }
        let seen = try await calls(order)
        for (kind, call) in zip(order, seen) { #expect(call.sight == alone[kind], "kind \(kind)") }
        // Faulty ones are read each time, and so is one that is shorter than the one before.
        for (kind, call) in zip(order, seen) where call.repeats { #expect(kind < 3) }
    }
}
