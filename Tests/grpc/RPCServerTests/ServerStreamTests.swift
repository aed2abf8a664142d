import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// Calls of every type as the server's handlers see them, by a client of raw HTTP/2.
@Suite(.timeLimit(.minutes(1))) struct ServerStreamTests {
    private static let chat = MethodDescriptor(service: "test.Service", method: "Chat", type: .bidirectional)
    private static let collect = MethodDescriptor(service: "test.Service", method: "Collect", type: .clientStreaming)
    private static let one = MethodDescriptor(service: "test.Service", method: "One", type: .unary)

    private struct Run {
        let loop: EventLoop
        let server: RPCServer
        let client: RawPeer
        let tracer: ObserverRecord
        let method: MethodDescriptor
        let gate: Gate

        func open(_ more: [(name: String, value: String)] = []) throws -> StreamRecord {
            try client.request(requestHead(method.path, more), body: nil)
        }

        func send(_ payload: [UInt8], on call: StreamRecord) {
            guard let stream = call.stream else { return }
            client.session.send(frame(payload), on: stream)
            client.flush()
        }

        func end(_ call: StreamRecord) {
            guard let stream = call.stream else { return }
            client.session.end(stream)
            client.flush()
        }
    }

    private func withServer(
        _ method: MethodDescriptor, _ configuration: RPCServer.Configuration = .init(), window: Int32 = 256 * 1024,
        interceptors: @escaping @Sendable (EventLoop) -> [ServerInterceptor] = { _ in [] },
        _ handler: @escaping @Sendable (Gate, ServerStream) async throws(RPCError) -> Void,
        check body: @escaping @Sendable (Run) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            let gate = Gate(on: loop)
            router.stream(method) { (stream: ServerStream) async throws(RPCError) in try await handler(gate, stream) }
            let tracer = ObserverRecord(on: loop)
            let server = try RPCServer.onLoop(
                loop, router, configuration, interceptors: interceptors(loop), tracers: [tracer])
            var http2 = HTTP2Configuration.defaults
            http2.initialWindow = window
            let client = try RawPeer(to: server.address, on: loop, http2)
            try await body(Run(loop: loop, server: server, client: client, tracer: tracer, method: method, gate: gate))
            await server.stop(grace: .zero)
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    /// The handler answers before the request has ended, message for message.
    @Test func pingPong() async throws {
        try await withServer(ServerStreamTests.chat) { _, stream throws(RPCError) in
            while let message = try await stream.receive() {
                try await stream.send(OutgoingMessage(copying: (message + message).span))
            }
        } check: { run in
            let call = try run.open()
            for number in 1...50 as ClosedRange<UInt8> {
                run.send([number], on: call)
                await run.client.watch.until("answer \(number)") { call.data.count == 7 * Int(number) }
            }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == (1...50).flatMap { frame([$0, $0]) })
            #expect(call.value(of: "grpc-status", block: 1) == "0")
            #expect(run.tracer.summaries.map(\.receivedMessageBytes) == [50])
            #expect(run.tracer.summaries.map(\.sentMessageBytes) == [100])
            #expect(run.tracer.messages == [50, 50])
        }
    }

    @Test func aClientStreamingCallIsAnsweredOnce() async throws {
        try await withServer(ServerStreamTests.collect) { _, stream throws(RPCError) in
            var sum: UInt8 = 0
            while let message = try await stream.receive() { sum += message[0] }
            try await stream.send(OutgoingMessage(copying: [sum].span))
        } check: { run in
            let call = try run.open()
            for number in 1...10 as ClosedRange<UInt8> { run.send([number], on: call) }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([55]))
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    @Test func anEmptyStreamIsAStream() async throws {
        try await withServer(ServerStreamTests.chat) { _, stream throws(RPCError) in
            #expect(try await stream.receive() == nil)
            #expect(try await stream.receive() == nil)
        } check: { run in
            let call = try run.open()
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    @Test(arguments: [0, 2]) func aHandlerThatAnswersNotExactlyOnceFails(count: Int) async throws {
        try await withServer(ServerStreamTests.collect) { _, stream throws(RPCError) in
            for _ in 0..<count { try await stream.send(OutgoingMessage(copying: [1].span)) }
        } check: { run in
            let call = try run.open()
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: call.blocks.count - 1) == "13")
        }
    }

    /// The client keeps what the handler does not ask for, but for a window.
    @Test func aHandlerThatDoesNotReadHoldsTheClientUp() async throws {
        let sizes = (message: 50_000, count: 40)
        try await withServer(ServerStreamTests.chat) { gate, stream throws(RPCError) in
            stream.sendHeaders()
            guard try await stream.receive() != nil else { return }
            try await stream.send(OutgoingMessage(copying: [1].span))
            await gate.pass()
            var count = 1
            while let message = try await stream.receive() {
                #expect(message.count == sizes.message)
                count += 1
            }
            #expect(count == sizes.count)
        } check: { run in
            let call = try run.open()
            for _ in 0..<sizes.count { run.send([UInt8](repeating: 1, count: sizes.message), on: call) }
            await run.client.watch.until("the first is taken") { !call.data.isEmpty }
            await run.gate.arrival()
            let pending = call.stream?.pendingBytes ?? 0
            // Two windows at most have left: the first message was waited for.
            #expect(pending >= sizes.count * sizes.message - 2 * 256 * 1024)
            run.gate.open()
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    /// A message may be longer than the window.
    @Test func aMessageLongerThanTheWindowArrives() async throws {
        try await withServer(ServerStreamTests.chat) { _, stream throws(RPCError) in
            while let message = try await stream.receive() {
                try await stream.send(OutgoingMessage(copying: [UInt8(truncatingIfNeeded: message.count >> 16)].span))
            }
        } check: { run in
            let call = try run.open()
            run.send([UInt8](repeating: 1, count: 3 << 20), on: call)
            run.send([], on: call)
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([48]) + frame([0]))
        }
    }

    /// What was not read is gone with the call: nothing of it is held, and the client is told to stop.
    @Test func aHandlerThatReturnsEarlyLeaksNothing() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageBufferBytes = 2 << 20
        try await withServer(ServerStreamTests.chat, configuration) { _, stream throws(RPCError) in
            _ = try await stream.receive()
        } check: { run in
            // Each time nearly all of the connection's half MiB; were anything kept, the second would fail.
            for _ in 0..<20 {
                let call = try run.open()
                for _ in 0..<4 { run.send([UInt8](repeating: 1, count: 60_000), on: call) }
                await run.client.watch.until("the end") { call.isClosed }
                #expect(call.value(of: "grpc-status", block: 1) == "0")
                #expect(call.closings == [.noError])
            }
            #expect(run.tracer.finished.allSatisfy { $0.status == .ok })
            #expect(run.tracer.finished.count == 20)
        }
    }

    @Test func aClientThatLeavesWakesTheReader() async throws {
        try await withServer(ServerStreamTests.chat) { _, stream throws(RPCError) in
            stream.sendHeaders()
            do throws(RPCError) {
                _ = try await stream.receive()
                Issue.record("a message")
            } catch {
                #expect(error.code == .cancelled)
                #expect(Task.isCancelled)
                throw error
            }
        } check: { run in
            let call = try run.open()
            await run.client.watch.until("the headers") { call.blocks.count == 1 }
            run.client.reset(call, .cancel)
            await run.tracer.finish(1)
            #expect(run.tracer.finished.map(\.status) == [.cancelled])
        }
    }

    @Test func aDeadlineWakesTheReader() async throws {
        try await withServer(ServerStreamTests.chat) { _, stream throws(RPCError) in
            _ = try await stream.receive()
        } check: { run in
            let call = try run.open([("grpc-timeout", "20m")])
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status") == "4")
        }
    }

    /// Half a message, and then nothing: neither a handler that waits for it nor the room for messages is held for ever.
    @Test func aMessageThatStopsEndsTheCall() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageTimeout = .milliseconds(40)
        try await withServer(ServerStreamTests.chat, configuration) { _, stream throws(RPCError) in
            while try await stream.receive() != nil { try await stream.send(OutgoingMessage(copying: [1].span)) }
        } check: { run in
            let idle = try run.open()
            run.send([1], on: idle)
            let stuck = try run.open()
            if let stream = stuck.stream { run.client.session.send([0, 0, 0, 0, 9, 1], on: stream) }
            run.client.flush()
            await run.client.watch.until("its end") { stuck.isClosed }
            #expect(stuck.value(of: "grpc-status") == "4")
            #expect(stuck.value(of: "grpc-message")?.hasPrefix("nothing was added to the request for") == true)
            // A stream between two messages may take its time.
            #expect(!idle.isClosed)
            run.end(idle)
            await run.client.watch.until("the end") { idle.isClosed }
            #expect(idle.data == frame([1]))
        }
    }

    // MARK: Metadata

    @Test func metadataLeavesWithHeadersAndStatus() async throws {
        try await withServer(ServerStreamTests.chat) { _, stream throws(RPCError) in
            try stream.context.initialMetadata.append("x-first", "1")
            try stream.context.initialMetadata.append("grpc-status", "7")
            try stream.context.trailingMetadata.append("x-last", "2")
            try stream.context.trailingMetadata.append("x-last", "3")
            if try await stream.receive() != nil { throw RPCError(.aborted, "enough") }
        } check: { run in
            let good = try run.open()
            run.end(good)
            await run.client.watch.until("the end") { good.isClosed }
            #expect(good.blocks.count == 2)
            #expect(good.value(of: "x-first") == "1")
            #expect(good.value(of: "grpc-status") == nil)
            #expect(good.blocks.last?.filter { $0.hasPrefix("x-last") } == ["x-last: 2", "x-last: 3"])
            // An error does not lose it.
            let bad = try run.open()
            run.send([], on: bad)
            await run.client.watch.until("the end") { bad.isClosed }
            #expect(bad.value(of: "x-first") == "1")
            #expect(bad.value(of: "grpc-status", block: 1) == "10")
            #expect(bad.value(of: "x-last", block: 1) == "2")
        }
    }

    // MARK: Compression

    private static let text = [UInt8](repeating: 65, count: 5000)

    /// The configured encoding, if the client takes it; the handler's own choice goes before it, and so does a message's.
    @Test(arguments: ["gzip", "identity,deflate,gzip", "deflate", nil])
    func answersAreCompressedForThoseWhoUnderstand(accepted: String?) async throws {
        var configuration = RPCServer.Configuration()
        configuration.compression = .gzip
        try await withServer(ServerStreamTests.chat, configuration) { _, stream throws(RPCError) in
            if stream.context.metadata["x-choice"] != nil { stream.context.compression = .deflate }
            try await stream.send(OutgoingMessage(copying: ServerStreamTests.text.span))
            var plain = OutgoingMessage(copying: ServerStreamTests.text.span)
            plain.isCompressed = false
            try await stream.send(plain)
            // Too late.
            stream.context.compression = .identity
            try await stream.send(OutgoingMessage(copying: ServerStreamTests.text.span))
        } check: { run in
            let head = accepted.map { [(name: "grpc-accept-encoding", value: $0)] } ?? []
            for (more, wish) in [([], "gzip"), ([(name: "x-choice", value: "1")], "deflate")] {
                let call = try run.open(head + more)
                run.end(call)
                await run.client.watch.until("the end") { call.isClosed }
                let isAccepted = accepted?.contains(wish) == true
                #expect(call.value(of: "grpc-encoding") == (isAccepted ? wish : nil))
                let plain = frame(ServerStreamTests.text)
                let count = (call.data.count - plain.count) / 2
                #expect((count < 100) == isAccepted)
                #expect(call.data[0] == (isAccepted ? 1 : 0))
                #expect(Array(call.data[count..<count + plain.count]) == plain)
            }
        }
    }

    /// What a request expands to counts as the server's, too.
    @Test func aRequestThatExpandsBeyondTheRoomIsRefused() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageBufferBytes = 2 << 20
        try await withServer(ServerStreamTests.one, configuration) { _, stream throws(RPCError) in
            guard let request = try await stream.receive() else { return }
            try await stream.send(OutgoingMessage(copying: [UInt8(truncatingIfNeeded: request.count >> 10)].span))
        } check: { run in
            for (size, status) in [(100 << 10, "0"), (600 << 10, "8"), (100 << 10, "0")] {
                let call = try run.open([("grpc-encoding", "gzip")])
                var message = OutgoingMessage(copying: [UInt8](repeating: 0, count: size).span)
                try message.seal(as: .gzip)
                #expect(message.buffer.count < 1000)
                if let stream = call.stream { run.client.session.send(message.buffer, on: stream) }
                run.end(call)
                await run.client.watch.until("the end") { call.isClosed }
                #expect(call.value(of: "grpc-status", block: call.blocks.count - 1) == status)
            }
        }
    }

    // MARK: Interceptors

    /// The first is the outermost; each sees the handler's error, and one may keep the handler from being called.
    @Test func interceptorsStandAroundTheHandler() async throws {
        let outer: ServerInterceptor = { stream, next throws(RPCError) in
            try stream.context.trailingMetadata.append("x-outer", "before")
            do throws(RPCError) {
                try await next(stream)
            } catch {
                try stream.context.trailingMetadata.append("x-outer", error.code.name)
                throw RPCError(.dataLoss, "changed")
            }
            try stream.context.trailingMetadata.append("x-outer", "after")
        }
        let inner: ServerInterceptor = { stream, next throws(RPCError) in
            try stream.context.trailingMetadata.append("x-outer", "inner")
            guard stream.context.metadata["authorization"] != nil else { throw RPCError(.unauthenticated, "who?") }
            try await next(stream)
        }
        let both = Interceptors([outer, inner])
        try await withServer(ServerStreamTests.one, interceptors: { _ in both.list }) { _, stream throws(RPCError) in
            guard let request = try await stream.receive() else { return }
            try await stream.send(OutgoingMessage(copying: request.span))
        } check: { run in
            // Refused although its request has not ended, and never will.
            let refused = try run.open()
            await run.client.watch.until("the end") { refused.isClosed }
            #expect(refused.value(of: "grpc-status") == "15")
            #expect(
                refused.blocks[0].filter { $0.hasPrefix("x-outer") } == [
                    "x-outer: before", "x-outer: inner", "x-outer: UNAUTHENTICATED",
                ])
            let call = try run.open([("authorization", "me")])
            run.send([7], on: call)
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([7]))
            #expect(
                call.blocks[1].filter { $0.hasPrefix("x-outer") } == [
                    "x-outer: before", "x-outer: inner", "x-outer: after",
                ])
        }
    }

    /// A unary handler behind an interceptor still gets exactly one message.
    @Test func aUnaryHandlerBehindAnInterceptor() async throws {
        let passing: ServerInterceptor = { stream, next throws(RPCError) in try await next(stream) }
        let interceptors = Interceptors([passing])
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), interceptors: interceptors.list)
            let client = try RawPeer(to: server.address, on: loop)
            let head = requestHead(TestMethods.echo.path)
            let good = try client.request(head, body: frame([1, 2]))
            let two = try client.request(head, body: frame([1]) + frame([2]))
            let none = try client.request(head, body: [])
            await client.watch.until("the ends") { good.isClosed && two.isClosed && none.isClosed }
            #expect(good.data == frame([1, 2]))
            #expect(two.value(of: "grpc-status") == "12")
            #expect(none.value(of: "grpc-status") == "12")
            client.close()
            await server.stop(grace: .zero)
        }
    }

    // MARK: Draining

    /// A long stream ends by itself when its connection is to close, so that its client goes on elsewhere.
    @Test func aHandlerHearsThatItsConnectionDrains() async throws {
        var configuration = RPCServer.Configuration()
        configuration.lifecycle.maxAge = .milliseconds(30)
        try await withServer(ServerStreamTests.chat, configuration) { _, stream throws(RPCError) in
            #expect(!stream.context.isDraining)
            stream.sendHeaders()
            let draining = Completion<Void>()
            stream.context.onDraining { draining.complete(()) }
            await draining.wait()
            #expect(stream.context.isDraining)
            var isToldAtOnce = false
            stream.context.onDraining { isToldAtOnce = true }
            #expect(isToldAtOnce)
            try await stream.send(OutgoingMessage(copying: [1].span))
        } check: { run in
            let call = try run.open()
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([1]))
            #expect(call.value(of: "grpc-status", block: 1) == "0")
            await run.client.watch.until("the connection's end") { run.client.isClosed }
        }
    }
}

/// Carries interceptors to the loop of a test.
//
// Sendable: these interceptors belong to no loop, and hold nothing.
private struct Interceptors: @unchecked Sendable {
    let list: [ServerInterceptor]
    init(_ list: [ServerInterceptor]) { self.list = list }
}
