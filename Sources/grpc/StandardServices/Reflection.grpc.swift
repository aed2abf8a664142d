// Written by protoc-gen-sample from grpc/reflection/v1/reflection.proto: change that, then run `make proto`.

import Protobuf
package import ProtobufRPC
package import RPCCore
package import RPCServer

/// `grpc.reflection.v1.ServerReflection`: the names of its methods.
package enum ServerReflection {
    package static let service = "grpc.reflection.v1.ServerReflection"
    package static let serverReflectionInfo = MethodDescriptor(
        service: service, method: "ServerReflectionInfo", type: .bidirectional)
}

/// What a server of `grpc.reflection.v1.ServerReflection` does.
package protocol ServerReflectionService {
    /// Answers each request, in their order.
    func serverReflectionInfo(
        _ requests: MessageReader<ServerReflectionRequest>, _ context: ServerContext,
        _ replies: MessageWriter<ServerReflectionResponse>
    ) async throws(RPCError)
}

extension RPCRouter {
    /// Serves `grpc.reflection.v1.ServerReflection`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some ServerReflectionService, isApplication: Bool = true) {
        bidirectional(ServerReflection.serverReflectionInfo, isApplication: isApplication) {
            (
                requests: MessageReader<ServerReflectionRequest>, context: ServerContext,
                replies: MessageWriter<ServerReflectionResponse>
            ) async throws(RPCError) in
            try await service.serverReflectionInfo(requests, context, replies)
        }
    }
}
