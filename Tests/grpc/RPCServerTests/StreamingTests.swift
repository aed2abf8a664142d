import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// Server-streaming calls, by a client of raw HTTP/2.
@Suite(.timeLimit(.minutes(5))) struct StreamingTests {
    /// Runs `body` with an open streaming call to `handler`.
    private func withCall(
        timeout: String? = nil, window: Int32 = HTTP2Configuration.defaults.initialWindow,
        _ handler: @escaping @Sendable (EventLoop, ServerStream) async throws(RPCError) -> Void,
        check body: @escaping @Sendable (EventLoop, RawPeer, StreamRecord, ObserverRecord) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.serverStreaming(TestMethods.wait) { (replies: ServerStream) async throws(RPCError) in
                try await handler(loop, replies)
            }
            let observer = ObserverRecord(on: loop)
            let server = try RPCServer.onLoop(loop, router, tracers: [observer])
            var configuration = HTTP2Configuration.defaults
            configuration.initialWindow = window
            let client = try RawPeer(to: server.address, on: loop, configuration)
            let more = timeout.map { [(name: "grpc-timeout", value: $0)] } ?? []
            let call = try client.request(requestHead(TestMethods.wait.path, more), body: frame([]))
            try await body(loop, client, call, observer)
            await server.stop(grace: .seconds(10))
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func messagesArriveInOrder() async throws {
        try await withCall { _, replies throws(RPCError) in
            for number in 0..<200 as Range<UInt8> { try await replies.send(frame([number])) }
        } check: { _, client, call, observer in
            await client.watch.until("the end") { call.isClosed }
            #expect(call.data == (0..<200).flatMap { frame([$0]) })
            #expect(call.value(of: "grpc-status", block: 1) == "0")
            #expect(observer.finished.map(\.status) == [.ok])
            #expect(observer.summaries.map(\.sentMessageBytes) == [200])
        }
    }

    @Test func noMessageAtAll() async throws {
        try await withCall { _, _ in
        } check: { _, client, call, _ in
            await client.watch.until("the end") { call.isClosed }
            #expect(call.data.isEmpty)
            #expect(call.value(of: ":status") == "200")
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    @Test func anErrorAfterMessages() async throws {
        try await withCall { _, replies throws(RPCError) in
            try await replies.send(frame([1]))
            throw RPCError(.dataLoss, "gone")
        } check: { _, client, call, _ in
            await client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([1]))
            #expect(call.value(of: "grpc-status", block: 1) == "15")
            #expect(call.value(of: "grpc-message", block: 1) == "gone")
        }
    }

    @Test func anErrorBeforeAMessageIsTrailersOnly() async throws {
        try await withCall { _, _ throws(RPCError) in
            throw RPCError(.notFound, "nothing")
        } check: { _, client, call, _ in
            await client.watch.until("the end") { call.isClosed }
            #expect(call.blocks.count == 1)
            #expect(call.value(of: "grpc-status") == "5")
        }
    }

    @Test func aSlowClientHoldsTheHandlerUp() async throws {
        let sent = Counter()
        try await withCall(window: 1000) { _, replies throws(RPCError) in
            for _ in 0..<3_000 {
                sent.value += 1
                try await replies.send(frame(Array(repeating: 1, count: 1000)))
            }
        } check: { loop, client, call, observer in
            // Three megabytes have been produced at the pace at which they were taken; never more than the buffer ahead.
            while !call.isClosed {
                #expect(sent.value * 1005 - call.data.count < 200_000)
                let before = call.data.count
                await client.watch.until("more") { call.isClosed || call.data.count > before }
            }
            #expect(call.data.count == 3_000 * 1005)
            #expect(observer.finished.map(\.status) == [.ok])
        }
    }

    @Test func aClientThatLeavesEndsASenderThatWaits() async throws {
        let errors = Counter()
        try await withCall(window: 10) { _, replies throws(RPCError) in
            do throws(RPCError) {
                while true { try await replies.send(frame(Array(repeating: 1, count: 100_000))) }
            } catch {
                errors.value += error.code == .cancelled ? 1 : 100
                throw error
            }
        } check: { loop, client, call, observer in
            await client.watch.until("the first bytes") { !call.data.isEmpty }
            client.reset(call, .cancel)
            await observer.finish(1)
            await poll("the handler has ended", on: loop) { errors.value > 0 }
            #expect(errors.value == 1)
            #expect(observer.finished.map(\.status) == [.cancelled])
        }
    }

    @Test func aDeadlineEndsTheStream() async throws {
        let cancelled = Counter()
        try await withCall(timeout: "50m") { loop, replies throws(RPCError) in
            try await replies.send(frame([1]))
            do throws(CancellationError) {
                try await loop.sleep(for: .seconds(3600))
            } catch {
                cancelled.value += 1
            }
            try await replies.send(frame([2]))
        } check: { loop, client, call, observer in
            await client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([1]))
            #expect(call.value(of: "grpc-status", block: 1) == "4")
            await poll("the handler has ended", on: loop) { cancelled.value == 1 }
            #expect(observer.finished.map(\.status) == [.deadlineExceeded])
        }
    }
}

/// A number that handlers and tests of one loop share.
//
// Sendable: used on the test's loop only.
private final class Counter: @unchecked Sendable {
    var value = 0
}
