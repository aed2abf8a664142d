import Events
package import Protobuf
package import ProtobufRPC
package import RPCCore
package import RPCServer

/// `grpc.reflection.v1.ServerReflection` (server-reflection.md), for tools that call a server whose protos they do not have.
package struct ReflectionServer: ServerReflectionService {
    private let index: ReflectionIndex

    package init(_ index: ReflectionIndex) {
        self.index = index
    }

    /// Answers one request after the other. Ends with OK when the client has no more, and when the connection is being
    /// closed gracefully: tools keep their stream open for as long as somebody looks at them.
    package func serverReflectionInfo(
        _ requests: MessageReader<ServerReflectionRequest>, _ context: ServerContext,
        _ replies: MessageWriter<ServerReflectionResponse>
    ) async throws(RPCError) {
        let end = Completion<Result<Void, RPCError>>()
        let work = LoopBound((index: index, requests: requests, replies: replies, end: end), on: context.loop)
        context.loop.startTask {
            let (index, requests, replies, end) = work.value
            var sent: Set<String> = []
            do throws(RPCError) {
                while let request = try await requests.next() {
                    try await replies.send(index.answer(request, sent: &sent))
                }
                end.complete(.success(()))
            } catch {
                end.complete(.failure(error))
            }
        }
        context.onDraining { end.complete(.success(())) }
        try await end.wait().get()
    }
}

extension RPCRouter {
    /// The same service and messages under the name that older tools ask for.
    private static let alpha = MethodDescriptor(
        service: "grpc.reflection.v1alpha.ServerReflection", method: ServerReflection.serverReflectionInfo.method,
        type: .bidirectional)

    /// Serves reflection, of the services that there are so far and of itself. `files` are those that declare them.
    package mutating func addReflection(of files: [ProtoFile]) {
        let services = self.services.union([ServerReflection.service, RPCRouter.alpha.service])
        let own: [ProtoFile] = [.grpcReflectionV1Reflection, .grpcReflectionV1alphaReflection]
        let server = ReflectionServer(ReflectionIndex(services: services, files: files + own))
        add(server)
        bidirectional(RPCRouter.alpha) {
            (
                requests: MessageReader<ServerReflectionRequest>, context: ServerContext,
                replies: MessageWriter<ServerReflectionResponse>
            ) async throws(RPCError) in
            try await server.serverReflectionInfo(requests, context, replies)
        }
    }
}
