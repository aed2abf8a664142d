import Events
import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `grpc.health.v1.Health` (health-checking.md): what each service of this server says of itself.
package struct HealthService {
    private static let name = "grpc.health.v1.Health"
    fileprivate static let check = MethodDescriptor(service: name, method: "Check")
    fileprivate static let watch = MethodDescriptor(service: name, method: "Watch", type: .serverStreaming)
    fileprivate static let list = MethodDescriptor(service: name, method: "List")

    private let registry: HealthRegistry

    /// `services` become known to `registry`.
    package init(_ registry: HealthRegistry, services: [String]) {
        self.registry = registry
        for service in services { registry.add(service) }
    }

    func check(_ request: HealthCheckRequest) throws(RPCError) -> HealthCheckResponse {
        guard let status = registry.status(of: request.service) else {
            throw RPCError(.notFound, "unknown service \"\(request.service)\"")
        }
        return HealthCheckResponse(status: status)
    }

    /// The status now, and again whenever it changes, until the client leaves or the server stops.
    func watch(
        _ request: HealthCheckRequest, on loop: EventLoop, _ replies: MessageWriter<HealthCheckResponse>
    ) async throws(RPCError) {
        let watcher = HealthWatcher(on: loop)
        let number = registry.add(LoopBound(watcher, on: loop))
        defer { registry.removeWatcher(number) }
        var last: ServingStatus?
        while !Task.isCancelled {
            let status = registry.status(of: request.service) ?? .serviceUnknown
            if status != last { try await replies.send(HealthCheckResponse(status: status)) }
            last = status
            if registry.isClosed { throw RPCError(.unavailable, "the server is shutting down") }
            await watcher.next()
        }
    }

    func list() -> HealthListResponse {
        HealthListResponse(statuses: registry.all)
    }
}

extension RPCRouter {
    package mutating func add(_ service: HealthService) {
        unary(HealthService.check, isApplication: false) { (request: HealthCheckRequest, _) async throws(RPCError) in
            try service.check(request)
        }
        unary(HealthService.list, isApplication: false) { (_: HealthListRequest, _) async throws(RPCError) in
            service.list()
        }
        serverStreaming(HealthService.watch, isApplication: false) {
            (request: HealthCheckRequest, context: ServerContext, replies: MessageWriter<HealthCheckResponse>)
                async throws(RPCError) in
            try await service.watch(request, on: context.loop, replies)
        }
    }
}

/// Asks another server for its health.
package struct HealthClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func check(service: String, options: CallOptions) async throws(RPCError) -> ServingStatus {
        let response: HealthCheckResponse = try await channel.unary(
            HealthService.check, HealthCheckRequest(service: service), options: options)
        return response.status
    }
}
