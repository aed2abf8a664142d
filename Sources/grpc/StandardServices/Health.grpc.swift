// Written by protoc-gen-sample from grpc/health/v1/health.proto: change that, then run `make proto`.

import Protobuf
package import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `grpc.health.v1.Health`: the names of its methods.
package enum Health {
    package static let service = "grpc.health.v1.Health"
    package static let check = MethodDescriptor(service: service, method: "Check")
    package static let list = MethodDescriptor(service: service, method: "List")
    package static let watch = MethodDescriptor(service: service, method: "Watch", type: .serverStreaming)
}

/// What a server of `grpc.health.v1.Health` does.
package protocol HealthService {
    /// The status of one service now; NOT_FOUND for a service that the server does not know.
    func check(_ request: HealthCheckRequest, _ context: ServerContext) async throws(RPCError) -> HealthCheckResponse

    /// The status of every service.
    func list(_ request: HealthListRequest, _ context: ServerContext) async throws(RPCError) -> HealthListResponse

    /// The status of one service now and whenever it changes; SERVICE_UNKNOWN while the server does not know it.
    func watch(
        _ request: HealthCheckRequest, _ context: ServerContext, _ replies: MessageWriter<HealthCheckResponse>
    ) async throws(RPCError)
}

extension RPCRouter {
    /// Serves `grpc.health.v1.Health`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some HealthService, isApplication: Bool = true) {
        unary(Health.check, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: HealthCheckRequest = try decodeRequest(bytes, of: Health.check)
            try await service.check(request, context).append(to: &reply)
        }
        unary(Health.list, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: HealthListRequest = try decodeRequest(bytes, of: Health.list)
            try await service.list(request, context).append(to: &reply)
        }
        serverStreaming(Health.watch, isApplication: isApplication) {
            (request: HealthCheckRequest, context: ServerContext, replies: MessageWriter<HealthCheckResponse>)
                async throws(RPCError) in
            try await service.watch(request, context, replies)
        }
    }
}

/// Calls `grpc.health.v1.Health` over a channel, on the channel's loop.
package struct HealthClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    /// The status of one service now; NOT_FOUND for a service that the server does not know.
    package func check(
        _ request: HealthCheckRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> HealthCheckResponse {
        try await channel.unary(Health.check, request, options: options)
    }

    /// The status of every service.
    package func list(
        _ request: HealthListRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> HealthListResponse {
        try await channel.unary(Health.list, request, options: options)
    }

    /// The status of one service now and whenever it changes; SERVICE_UNKNOWN while the server does not know it.
    package func watch(
        _ request: HealthCheckRequest, options: CallOptions = CallOptions()
    ) throws(RPCError) -> MessageReader<HealthCheckResponse> {
        try channel.serverStreaming(Health.watch, request, options: options)
    }
}
