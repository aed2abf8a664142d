import Events
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing

/// What stands around the calls of a channel.
@Suite(.timeLimit(.minutes(5))) struct ClientInterceptorTests {
    /// Counts what passes.
    private final class Counting: ClientStream {
        private let inner: any ClientStream
        private let note: (String) -> Void

        init(_ inner: any ClientStream, _ note: @escaping (String) -> Void) {
            self.inner = inner
            self.note = note
        }

        var method: MethodDescriptor { inner.method }
        func send(_ message: consuming OutgoingMessage) async throws(RPCError) -> Bool {
            note("sent \(message.count)")
            return try await inner.send(message)
        }
        func sendLast(_ message: consuming OutgoingMessage) throws(RPCError) {
            note("sent \(message.count), the last")
            try inner.sendLast(message)
        }
        func finishSending() { inner.finishSending() }
        func receive() async throws(RPCError) -> [UInt8]? {
            let message = try await inner.receive()
            note("received \(message?.count ?? -1)")
            return message
        }
        var replyWasCompressed: Bool { inner.replyWasCompressed }
        func initialMetadata() async throws(RPCError) -> Metadata { try await inner.initialMetadata() }
        var trailingMetadata: Metadata { inner.trailingMetadata }
        var status: StatusCode? { inner.status }
        func cancel() { inner.cancel() }
    }

    @Test func standAroundEveryCallTheFirstOutermost() async throws {
        try await withLoop { loop in
            var notes: [String] = []
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [9, 9]) }
            let outer: ClientInterceptor = { method, options, next in
                notes.append("outer \(method.method)")
                var options = options
                try? options.metadata.append("x-outer", "1")
                return Counting(next(method, options)) { notes.append($0) }
            }
            let inner: ClientInterceptor = { method, options, next in
                notes.append("inner \(options.metadata["x-outer"] ?? "-")")
                return next(method, options)
            }
            let resolver = FakeResolver()
            let channel = Channel(
                target: Target(scheme: "dns", endpoint: "test:80"), resolver: resolver,
                policy: LoadBalancingPolicyName.pickFirst.makePolicy(seed: 1), on: loop, configuration: .quick,
                interceptors: [outer, inner])
            channel.connect()
            resolver.find([server.address])

            #expect(await channel.call().reply == [9, 9])
            #expect(notes == ["outer Echo", "inner 1", "sent 3, the last", "received 2", "received -1"])
            #expect(server.requests.last?.value(of: "x-outer") == "1")
            notes = []

            let stream = channel.stream(CallTypeTests.chat)
            try await stream.send(message([1]))
            stream.finishSending()
            #expect(try await stream.receive() == [9, 9])
            #expect(try await stream.receive() == nil)
            #expect(notes == ["outer Chat", "inner 1", "sent 1", "received 2", "received -1"])

            let replies = channel.stream(.streaming(TestMethods.wait), [1])
            #expect(try await replies.receive() == [9, 9])
            server.stop()
            await channel.end()
        }
    }
}
