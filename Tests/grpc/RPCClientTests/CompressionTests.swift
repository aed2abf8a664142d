import Events
import HTTP2
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// Messages that go, and come, compressed.
@Suite(.timeLimit(.minutes(5))) struct CompressionTests {
    private static let text = [UInt8](repeating: 7, count: 10_000)

    @Test(arguments: [MessageEncoding.gzip, .deflate]) func aRequestIsCompressed(encoding: MessageEncoding) async throws
    {
        try await withLoop { loop in
            var configuration = ChannelConfiguration.quick
            configuration.compression = encoding
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, configuration, tracers: [tracer])
            #expect(await channel.call(TestMethods.echo, CompressionTests.text).reply == [8])
            let request = try #require(server.requests.first)
            #expect(request.value(of: "grpc-encoding") == encoding.rawValue)
            #expect(request.data.first == 1)
            #expect(request.data.count < 200)
            // As it was on the wire.
            #expect(tracer.attempts.map(\.sentMessageBytes) == [request.data.count - 5])
            // A call may say otherwise.
            let plain = CallOptions(compression: .identity)
            #expect(await channel.call(TestMethods.echo, CompressionTests.text, plain).reply == [8])
            #expect(server.requests[1].value(of: "grpc-encoding") == nil)
            #expect(server.requests[1].data == frame(CompressionTests.text))
            server.stop()
            await channel.end()
        }
    }

    @Test func aMessageThatIsNotToBeCompressedIsNot() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            let channel = Channel.to([server.address], on: loop)
            let stream = channel.stream(CallTypeTests.chat, options: CallOptions(compression: .gzip))
            var plain = message(CompressionTests.text)
            plain.isCompressed = false
            try await stream.send(plain)
            try await stream.send(message(CompressionTests.text))
            await poll("both", on: loop) { (server.requests.first?.data.count ?? 0) > 10_005 + 5 }
            #expect(server.requests[0].data[0] == 0)
            #expect(server.requests[0].data[10_005] == 1)
            stream.cancel()
            server.stop()
            await channel.end()
        }
    }

    /// What is kept of a request for another attempt is the message, not what was made of it.
    @Test func aCompressedRequestIsSentAgain() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { number, peer, stream in
                if number == 1 { peer.reset(stream, .refusedStream) } else { peer.answer(stream, [8]) }
            }
            let channel = Channel.to([server.address], on: loop)
            let options = CallOptions(compression: .gzip)
            #expect(await channel.call(TestMethods.echo, CompressionTests.text, options).reply == [8])
            #expect(server.requests.map { $0.data.first } == [1, 1])
            #expect(server.requests[0].data == server.requests[1].data)
            server.stop()
            await channel.end()
        }
    }

    @Test func bothWaysWithOurOwnServer() async throws {
        try await withLoop { loop in
            var configuration = RPCServer.Configuration()
            configuration.compression = .gzip
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), configuration)
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            let options = CallOptions(compression: .gzip)
            #expect(await channel.call(TestMethods.echo, CompressionTests.text, options).reply == CompressionTests.text)
            #expect(tracer.attempts.allSatisfy { $0.sentMessageBytes < 200 && $0.receivedMessageBytes < 200 })
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    /// A stream whose message cannot be expanded is no stream any more: its server is told, and the caller.
    @Test func aReplyThatCannotBeExpandedEndsTheStream() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            let channel = Channel.to([server.address], on: loop)
            let stream = channel.stream(CallTypeTests.chat)
            try await stream.send(message([1]))
            await poll("the request", on: loop) { server.requests.first?.data == frame([1]) }
            let open = try #require(server.requests[0].stream)
            server.peers[0].session.respond(
                open,
                HeaderBlock([(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip")]))
            server.peers[0].session.send([1, 0, 0, 0, 3, 1, 2, 3], on: open)
            server.peers[0].flush()
            #expect(await stream.error()?.code == .internal)
            #expect(await stream.error()?.code == .internal)
            #expect(stream.status == .internal)
            await poll("the reset", on: loop) { server.requests[0].closings == [.cancel] }
            server.stop()
            await channel.end()
        }
    }
}
