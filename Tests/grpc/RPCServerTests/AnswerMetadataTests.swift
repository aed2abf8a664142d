import Events
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// What a server says in every answer, and a channel's owner hears of every one.
@Suite(.timeLimit(.minutes(5))) struct AnswerMetadataTests {
    private static var request: OutgoingMessage { OutgoingMessage(copying: [UInt8]([1]).span) }
    private static let stream = MethodDescriptor(service: "test.Service", method: "Count", type: .serverStreaming)

    private func run(
        _ body: @escaping @Sendable (Channel, _ heard: Journal<Metadata>) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            var router = RPCRouter(echoing: nil)
            router.unary(TestMethods.wait) { (_, context, _) async throws(RPCError) in
                try context.initialMetadata.append("x-own", "1")
                try context.trailingMetadata.append("x-last", "2")
                throw RPCError(.aborted, "no")
            }
            router.serverStreaming(AnswerMetadataTests.stream) { stream throws(RPCError) in
                try await stream.send(AnswerMetadataTests.request)
            }
            var always = Metadata()
            try always.append("x-pod-name", "one")
            always.append(key: "grpc-status".utf8.span, value: "7".utf8.span)
            let server = try RPCServer.onLoop(loop, router, answerMetadata: always)
            let channel = Channel.to([server.address], on: loop)
            let heard = Journal<Metadata>()
            channel.answerBegan = { heard.note($0) }
            try await body(channel, heard)
            #expect(heard.isEmpty)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func everyAnswerBringsItAndOneLikeTheLastIsNoNews() async throws {
        try await run { channel, heard in
            for _ in 0..<3 {
                let response = try await channel.unary(TestMethods.echo, request: AnswerMetadataTests.request)
                #expect(response.initialMetadata["x-pod-name"] == "one" && response.initialMetadata.count == 1)
            }
            var usual = Metadata()
            try usual.append("x-pod-name", "one")
            #expect(await heard.next() == usual)
            // Another, then again the first: each is news on this connection.
            _ = await channel.call(TestMethods.wait, []).error
            #expect(await heard.next().count == 2)
            let response = try await channel.unary(TestMethods.echo, request: AnswerMetadataTests.request)
            #expect(response.initialMetadata == usual)
            #expect(await heard.next() == usual)
        }
    }

    @Test func anErrorBringsItInItsTrailers() async throws {
        try await run { channel, heard in
            let error = await channel.call(TestMethods.missing, []).error
            #expect(error?.code == .unimplemented && error?.metadata["x-pod-name"] == "one")
            #expect(await heard.next()["x-pod-name"] == "one")
        }
    }

    @Test func anErrorAfterHeadersIsHeardOfOnce() async throws {
        try await run { channel, heard in
            let error = await channel.call(TestMethods.wait, []).error
            #expect(error?.code == .aborted && error?.metadata["x-last"] == "2")
            let metadata = await heard.next()
            #expect(metadata["x-pod-name"] == "one" && metadata["x-own"] == "1" && metadata.count == 2)
        }
    }

    @Test func aStreamBringsIt() async throws {
        try await run { channel, heard in
            let stream = try channel.stream(AnswerMetadataTests.stream, request: AnswerMetadataTests.request)
            #expect(try await stream.receive() != nil)
            #expect(try await stream.receive() == nil)
            #expect(await heard.next()["x-pod-name"] == "one")
        }
    }
}
