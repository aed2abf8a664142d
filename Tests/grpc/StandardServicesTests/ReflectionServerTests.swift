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

@Suite(.timeLimit(.minutes(5))) struct ReflectionServerTests {
    private static let alpha = MethodDescriptor(
        service: "grpc.reflection.v1alpha.ServerReflection", method: "ServerReflectionInfo", type: .bidirectional)
    private typealias Call = BidirectionalCall<ServerReflectionRequest, ServerReflectionResponse>

    private func router() -> RPCRouter {
        var router = RPCRouter()
        router.add(HealthServer(HealthRegistry(), services: []))
        router.addReflection(of: [.grpcHealthV1Health])
        return router
    }

    private func list(_ call: Call) async throws -> [String]? {
        try await call.send(ServerReflectionRequest(messageRequest: .listServices("")))
        guard case .listServicesResponse(let list)? = try await call.replies.next()?.messageResponse else { return nil }
        return list.service.map(\.name)
    }

    @Test func bothVersionsAnswer() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, router())
            let channel = Channel.to([server.address], on: loop)
            for method in [ServerReflection.serverReflectionInfo, Self.alpha] {
                let call: Call = channel.bidirectional(method)
                let services = [
                    "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                    "grpc.reflection.v1alpha.ServerReflection",
                ]
                #expect(try await list(call) == services)
                for service in services {
                    let request = ServerReflectionRequest(messageRequest: .fileContainingSymbol(service))
                    try await call.send(request)
                    guard case .fileDescriptorResponse(let file)? = try await call.replies.next()?.messageResponse
                    else {
                        Issue.record("\(service) is not known")
                        continue
                    }
                    #expect(file.fileDescriptorProto.count == 1)
                }
                call.finishSending()
                #expect(try await call.replies.next() == nil)
            }
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    /// A tool keeps its stream for as long as its window is open: no reason for a server to wait.
    @Test func aStreamThatIsIdleDoesNotHoldTheServer() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, router())
            let channel = Channel.to([server.address], on: loop)
            let call: Call = channel.bidirectional(ServerReflection.serverReflectionInfo)
            #expect(try await list(call)?.count == 3)
            await server.stop(grace: .seconds(3600))
            #expect(try await call.replies.next() == nil)
            await channel.end()
        }
    }

    @Test func aRequestThatAsksNothingEndsTheCall() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, router())
            let channel = Channel.to([server.address], on: loop)
            let call: Call = channel.bidirectional(ServerReflection.serverReflectionInfo)
            try await call.send(ServerReflectionRequest())
            let error = await #expect(throws: RPCError.self) { try await call.replies.next() }
            #expect(error?.code == .invalidArgument)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }
}
