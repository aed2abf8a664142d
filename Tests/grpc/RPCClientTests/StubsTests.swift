import Events
import InteropAPI
import ProtobufRPC
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// Generated stubs of all four types of call, client and server.
@Suite(.timeLimit(.minutes(5))) struct StubsTests {
    private struct Server: TestService {
        func emptyCall(_ request: Empty, _ context: ServerContext) async throws(RPCError) -> Empty { request }

        func unaryCall(_ request: SimpleRequest, _ context: ServerContext) async throws(RPCError) -> SimpleResponse {
            SimpleResponse(payload: request.payload)
        }

        func streamingOutputCall(
            _ request: StreamingOutputCallRequest, _ context: ServerContext,
            _ replies: MessageWriter<StreamingOutputCallResponse>
        ) async throws(RPCError) {
            for parameters in request.responseParameters {
                try await replies.send(.init(payload: .init(body: Array(repeating: 7, count: Int(parameters.size)))))
            }
        }

        func streamingInputCall(
            _ requests: MessageReader<StreamingInputCallRequest>, _ context: ServerContext
        ) async throws(RPCError) -> StreamingInputCallResponse {
            var size: Int32 = 0
            for try await request in requests { size += Int32(request.payload?.body.count ?? 0) }
            return StreamingInputCallResponse(aggregatedPayloadSize: size)
        }

        func fullDuplexCall(
            _ requests: MessageReader<StreamingOutputCallRequest>, _ context: ServerContext,
            _ replies: MessageWriter<StreamingOutputCallResponse>
        ) async throws(RPCError) {
            for try await request in requests { try await streamingOutputCall(request, context, replies) }
        }

        func unimplementedCall(_ request: Empty, _ context: ServerContext) async throws(RPCError) -> Empty {
            throw RPCError(.unimplemented, "no server has it")
        }
    }

    private func withClient(_ body: @escaping @Sendable (TestClient, Channel) async throws -> Void) async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.add(Server())
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            try await body(TestClient(channel), channel)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    private func asking(for sizes: Int32...) -> StreamingOutputCallRequest {
        StreamingOutputCallRequest(responseParameters: sizes.map { ResponseParameters(size: $0) })
    }

    @Test func unary() async throws {
        try await withClient { client, _ in
            let reply = try await client.unaryCall(.init(payload: .init(body: [1, 2, 3])))
            #expect(reply.payload?.body == [1, 2, 3])
            #expect(try await client.emptyCall(Empty()) == Empty())
            await #expect(throws: RPCError(.unimplemented, "no server has it")) {
                try await client.unimplementedCall(Empty())
            }
        }
    }

    @Test func serverStreaming() async throws {
        try await withClient { client, _ in
            var sizes: [Int] = []
            for try await reply in try client.streamingOutputCall(asking(for: 3, 1, 70_000)) {
                sizes.append(reply.payload?.body.count ?? 0)
            }
            #expect(sizes == [3, 1, 70_000])
        }
    }

    @Test func clientStreaming() async throws {
        try await withClient { client, _ in
            let call = client.streamingInputCall()
            for size in [3, 1, 70_000] {
                try await call.send(.init(payload: .init(body: Array(repeating: 1, count: size))))
            }
            #expect(try await call.finish().aggregatedPayloadSize == 70_004)
        }
    }

    @Test func bidirectional() async throws {
        try await withClient { client, _ in
            let call = client.fullDuplexCall()
            for size: Int32 in [3, 1, 70_000] {
                try await call.send(asking(for: size))
                #expect(try await call.replies.next()?.payload?.body.count == Int(size))
            }
            call.finishSending()
            #expect(try await call.replies.next() == nil)
        }
    }

    /// What a client sends is no message: the handler's loop over its requests ends with the reason, and so does the call.
    @Test func aRequestThatIsNoMessageEndsTheStream() async throws {
        try await withClient { client, channel in
            let stream = channel.stream(TestMethods.fullDuplexCall, options: CallOptions())
            try await stream.send(OutgoingMessage(copying: [0x0a, 0x05, 0x41].span))
            let error = await #expect(throws: RPCError.self) {
                while try await stream.receive() != nil {}
            }
            #expect(error?.code == .internal)
            #expect(
                error?.message == "the request of /grpc.testing.TestService/FullDuplexCall cannot be decoded: "
                    + "field 1 at byte 0: the message ends in the middle of it")
        }
    }
}
