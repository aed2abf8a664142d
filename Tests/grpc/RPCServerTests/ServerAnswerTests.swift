import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// What an answer brings besides its messages, and what stands around its handler.
@Suite(.timeLimit(.minutes(5))) struct ServerAnswerTests {
    // MARK: Metadata

    @Test func metadataLeavesWithHeadersAndStatus() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
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

    @Test func trailingMetadataThatCannotBeSentIsAnError() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            try stream.context.trailingMetadata.append("x-long", String(repeating: "x", count: 70_000))
            if try await stream.receive() != nil { throw RPCError(.aborted, "enough") }
        } check: { run in
            let good = try run.open()
            run.end(good)
            await run.client.watch.until("the end") { good.isClosed }
            #expect(good.value(of: "grpc-status", block: good.blocks.count - 1) == "8")
            let bad = try run.open()
            run.send([], on: bad)
            await run.client.watch.until("the end") { bad.isClosed }
            #expect(bad.value(of: "grpc-status", block: bad.blocks.count - 1) == "10")
            #expect(run.tracer.finished.map(\.status) == [.resourceExhausted, .aborted])
        }
    }

    /// Of the client's fields, say, passed on as a whole.
    @Test func whatIsHTTPsOwnIsNotPassedOn() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            stream.context.trailingMetadata = stream.context.metadata
        } check: { run in
            let call = try run.open([("content-length", "0"), ("host", "x"), ("x-own", "1")])
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.blocks.last == ["grpc-status: 0", "x-own: 1"])
        }
    }

    // MARK: Compression

    private static let text = [UInt8](repeating: 65, count: 5000)

    /// The configured encoding, if the client takes it; the handler's own choice goes before it, and so does a message's.
    @Test(arguments: ["gzip", "identity,deflate,gzip", "deflate", nil])
    func answersAreCompressedForThoseWhoUnderstand(accepted: String?) async throws {
        var configuration = RPCServer.Configuration()
        configuration.compression = .gzip
        try await withStreamServer(.chat, configuration) { _, stream throws(RPCError) in
            if stream.context.metadata["x-choice"] != nil { stream.context.compression = .deflate }
            try await stream.send(OutgoingMessage(copying: ServerAnswerTests.text.span))
            var plain = OutgoingMessage(copying: ServerAnswerTests.text.span)
            plain.isCompressed = false
            try await stream.send(plain)
            // Too late.
            stream.context.compression = .identity
            try await stream.send(OutgoingMessage(copying: ServerAnswerTests.text.span))
        } check: { run in
            let head = accepted.map { [(name: "grpc-accept-encoding", value: $0)] } ?? []
            for (more, wish) in [([], "gzip"), ([(name: "x-choice", value: "1")], "deflate")] {
                let call = try run.open(head + more)
                run.end(call)
                await run.client.watch.until("the end") { call.isClosed }
                let isAccepted = accepted?.contains(wish) == true
                #expect(call.value(of: "grpc-encoding") == (isAccepted ? wish : nil))
                let plain = frame(ServerAnswerTests.text)
                let count = (call.data.count - plain.count) / 2
                #expect((count < 100) == isAccepted)
                #expect(call.data[0] == (isAccepted ? 1 : 0))
                #expect(Array(call.data[count..<count + plain.count]) == plain)
            }
        }
    }

    /// gRFC A66 asks for sizes as they are on the wire.
    @Test func sizesAreThoseOnTheWire() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            stream.context.compression = .gzip
            guard try await stream.receive() != nil else { return }
            #expect(stream.context.requestWasCompressed)
            for _ in 0..<2 { try await stream.send(OutgoingMessage(copying: [UInt8](repeating: 1, count: 5000).span)) }
        } check: { run in
            let call = try run.open([("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip")])
            var request = OutgoingMessage(copying: [UInt8](repeating: 2, count: 9000).span)
            try request.seal(as: .gzip)
            if let stream = call.stream { run.client.session.send(request.buffer, on: stream) }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data.count < 200)
            #expect(run.tracer.summaries.map(\.sentMessageBytes) == [call.data.count - 10])
            #expect(run.tracer.summaries.map(\.receivedMessageBytes) == [request.buffer.count - 5])
        }
    }

    /// What a request expands to counts as the server's, too.
    @Test func aRequestThatExpandsBeyondTheRoomIsRefused() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageBufferBytes = 2 << 20
        try await withStreamServer(.one, configuration) { _, stream throws(RPCError) in
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
        try await withStreamServer(.one, interceptors: { _ in both.list }) { _, stream throws(RPCError) in
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
}

/// Carries interceptors to the loop of a test.
//
// Sendable: these interceptors belong to no loop, and hold nothing.
private struct Interceptors: @unchecked Sendable {
    let list: [ServerInterceptor]
    init(_ list: [ServerInterceptor]) { self.list = list }
}
