import Events
import HelloWorldAPI
import Protobuf
import ProtobufRPC
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// Calls of all types with protobuf messages, at both ends.
@Suite(.timeLimit(.minutes(5))) struct TypedCallTests {
    private static let stream = MethodDescriptor(service: "test.Typed", method: "Stream", type: .serverStreaming)
    private static let collect = MethodDescriptor(service: "test.Typed", method: "Collect", type: .clientStreaming)
    private static let chat = MethodDescriptor(service: "test.Typed", method: "Chat", type: .bidirectional)

    private func withChannel(_ body: @escaping @Sendable (EventLoop, Channel) async throws -> Void) async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.serverStreaming(TypedCallTests.stream) {
                (request: HelloRequest, _: ServerContext, replies: MessageWriter<HelloReply>) async throws(RPCError) in
                for number in 0..<3 { try await replies.send(TypedCallTests.reply("\(request.name) \(number)")) }
                if request.name == "bad" { throw RPCError(.dataLoss, "enough") }
            }
            router.clientStreaming(TypedCallTests.collect) {
                (requests: MessageReader<HelloRequest>, _: ServerContext) async throws(RPCError) in
                var names: [String] = []
                for try await request in requests { names.append(request.name) }
                return TypedCallTests.reply(names.joined(separator: ", "))
            }
            router.bidirectional(TypedCallTests.chat) {
                (requests: MessageReader<HelloRequest>, _: ServerContext, replies: MessageWriter<HelloReply>)
                    async throws(RPCError) in
                for try await request in requests {
                    try await replies.send(TypedCallTests.reply("Hello \(request.name)"))
                }
            }
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            try await body(loop, channel)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    private static func reply(_ message: String) -> HelloReply {
        HelloReply(message: message, hostname: "", version: "")
    }

    private static func request(_ name: String) -> HelloRequest { HelloRequest(name: name) }

    @Test func repliesAreASequence() async throws {
        try await withChannel { _, channel throws in
            let replies: MessageReader<HelloReply> = try channel.serverStreaming(
                TypedCallTests.stream, TypedCallTests.request("Ada"))
            var messages: [String] = []
            for try await reply in replies { messages.append(reply.message) }
            #expect(messages == ["Ada 0", "Ada 1", "Ada 2"])
        }
    }

    @Test func theErrorOfASequenceIsAStatus() async throws {
        try await withChannel { _, channel throws in
            var count = 0
            do throws(RPCError) {
                let replies: MessageReader<HelloReply> = try channel.serverStreaming(
                    TypedCallTests.stream, TypedCallTests.request("bad"))
                for try await _ in replies { count += 1 }
                Issue.record("no error")
            } catch {
                #expect(error == RPCError(.dataLoss, "enough"))
            }
            #expect(count == 3)
        }
    }

    @Test func leavingASequenceEarlyEndsTheCall() async throws {
        try await withChannel { loop, channel throws in
            func first() async throws(RPCError) -> String? {
                let replies: MessageReader<HelloReply> = try channel.serverStreaming(
                    TypedCallTests.stream, TypedCallTests.request("Ada"))
                for try await reply in replies { return reply.message }
                return nil
            }
            #expect(try await first() == "Ada 0")
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
        }
    }

    @Test func manyRequestsAndAReply() async throws {
        try await withChannel { _, channel throws in
            let call: ClientStreamingCall<HelloRequest, HelloReply> = channel.clientStreaming(TypedCallTests.collect)
            for name in ["Ada", "Bob", "Cid"] { #expect(try await call.send(TypedCallTests.request(name))) }
            #expect(try await call.finish().message == "Ada, Bob, Cid")
            let none: ClientStreamingCall<HelloRequest, HelloReply> = channel.clientStreaming(TypedCallTests.collect)
            #expect(try await none.finish().message == "")
        }
    }

    @Test func aConversation() async throws {
        try await withChannel { _, channel throws in
            let call: BidirectionalCall<HelloRequest, HelloReply> = channel.bidirectional(TypedCallTests.chat)
            for name in ["Ada", "Bob"] {
                try await call.send(TypedCallTests.request(name))
                #expect(try await call.replies.next()?.message == "Hello \(name)")
            }
            call.finishSending()
            #expect(try await call.replies.next() == nil)
        }
    }

    @Test func metadataOfAUnaryCall() async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.unary(TestMethods.echo) { (request: [UInt8], context, reply: inout [UInt8]) async throws(RPCError) in
                try context.initialMetadata.append("x-first", "1")
                try context.trailingMetadata.append("x-last", "2")
                reply += request
            }
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            let response = try await channel.unary(TestMethods.echo, request: message([1]))
            #expect(response.message == [1])
            #expect(response.initialMetadata["x-first"] == "1")
            #expect(response.trailingMetadata["x-last"] == "2")
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }
}
