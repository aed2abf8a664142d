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
        let work = Work(index: index, requests: requests, replies: replies)
        let bound = LoopBound(work, on: context.loop)
        context.loop.startTask { await bound.value.run() }
        // A turn later: a request that has come by now is being answered then.
        context.onDraining { bound.loop.execute { bound.value.drain() } }
        try await work.end.wait().get()
    }
}

/// The requests of one stream, and where it stands with them. Loop thread only.
private final class Work {
    private let index: ReflectionIndex
    private let requests: MessageReader<ServerReflectionRequest>
    private let replies: MessageWriter<ServerReflectionResponse>
    private var sent: Set<String> = []
    private var isAnswering = false
    private var isDraining = false
    let end = Completion<Result<Void, RPCError>>()

    init(
        index: ReflectionIndex, requests: MessageReader<ServerReflectionRequest>,
        replies: MessageWriter<ServerReflectionResponse>
    ) {
        self.index = index
        self.requests = requests
        self.replies = replies
    }

    func run() async {
        do throws(RPCError) {
            while !isDraining, let request = try await requests.next() {
                isAnswering = true
                try await replies.send(index.answer(request, sent: &sent))
                isAnswering = false
            }
            end.complete(.success(()))
        } catch {
            end.complete(.failure(error))
        }
    }

    func drain() {
        isDraining = true
        if !isAnswering { end.complete(.success(())) }
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
