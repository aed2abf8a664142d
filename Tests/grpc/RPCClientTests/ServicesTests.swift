import HelloWorldAPI
import Protobuf
import ProtobufRPC
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import StandardServices
import TestSupport
import Testing

/// The services' stubs against the services themselves.
@Suite(.timeLimit(.minutes(5))) struct ServicesTests {
    private struct Greeter: HelloWorldService {
        func sayHello(_ request: HelloRequest, _ context: ServerContext) async throws(RPCError) -> HelloReply {
            HelloReply(message: "Hello \(request.name)", hostname: "here", version: "1")
        }

        func streamHello(
            _ request: StreamHelloRequest, _ context: ServerContext, _ replies: MessageWriter<HelloReply>
        ) async throws(RPCError) {
            for number in 0..<request.count {
                try await replies.send(HelloReply(message: "\(request.name) \(number)", hostname: "", version: ""))
            }
        }
    }

    @Test func sayHello() async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.add(Greeter())
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            let reply = try await HelloWorldClient(channel).sayHello(HelloRequest(name: "Ada"))
            #expect(reply == HelloReply(message: "Hello Ada", hostname: "here", version: "1"))
            // Bytes that are no HelloRequest.
            let error = await channel.call(HelloWorld.sayHello, [0x0a, 0x05, 0x41]).error
            #expect(error?.code == .internal)
            #expect(
                error?.message
                    == "the request of /sample.service.HelloWorld/SayHello cannot be decoded: "
                    + "field 1 at byte 0: the message ends in the middle of it")
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func streamHello() async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.add(Greeter())
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            let request = StreamHelloRequest(name: "Ada", count: 3)
            let replies = try HelloWorldClient(channel).streamHello(request)
            var messages: [String] = []
            while let reply = try await replies.next() { messages.append(reply.message) }
            #expect(messages == ["Ada 0", "Ada 1", "Ada 2"])
            #expect(try await replies.next() == nil)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func aStreamOfRepliesThatCannotBeDecoded() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { peer in
                peer.record.requestEnded = { [unowned peer] in peer.answer($0, [0xff]) }
            }
            let channel = Channel.to([server.address], on: loop)
            let replies = try HelloWorldClient(channel).streamHello(StreamHelloRequest())
            do throws(RPCError) {
                _ = try await replies.next()
                Issue.record("it was decoded")
            } catch {
                #expect(error.code == .internal)
                #expect(error.message.contains("/sample.service.HelloWorld/StreamHello") == true)
            }
            server.stop()
            await channel.end()
        }
    }

    @Test func aReplyThatCannotBeDecoded() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { peer in
                peer.record.requestEnded = { [unowned peer] in peer.answer($0, [0xff]) }
            }
            let channel = Channel.to([server.address], on: loop)
            let error = await #expect(throws: RPCError.self) {
                try await HelloWorldClient(channel).sayHello(HelloRequest(name: "Ada"))
            }
            #expect(error?.code == .internal)
            #expect(error?.message.contains("/sample.service.HelloWorld/SayHello") == true)
            server.stop()
            await channel.end()
        }
    }

    @Test func health() async throws {
        try await withLoop { loop in
            let registry = HealthRegistry()
            var router = RPCRouter()
            router.add(HealthServer(registry, services: ["a.B"]), isApplication: false)
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            let client = HealthClient(channel)
            #expect(try await client.check(HealthCheckRequest()).status == .serving)
            #expect(try await client.check(.init(service: "a.B")).status == .serving)
            registry.setAll(.notServing)
            #expect(try await client.check(HealthCheckRequest()).status == .notServing)
            #expect(try await client.check(.init(service: "a.B")).status == .notServing)
            let error = await #expect(throws: RPCError.self) {
                try await client.check(.init(service: "other"))
            }
            #expect(error == RPCError(.notFound, "unknown service \"other\""))
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }
}
