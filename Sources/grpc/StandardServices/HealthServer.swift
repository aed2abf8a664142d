import Events
package import ProtobufRPC
package import RPCCore
package import RPCServer

/// `grpc.health.v1.Health` (health-checking.md): what each service of this server says of itself.
package struct HealthServer: HealthService {
    private let registry: HealthRegistry

    /// `services` become known to `registry`.
    package init(_ registry: HealthRegistry, services: [String]) {
        self.registry = registry
        for service in services { registry.add(service) }
    }

    package func check(
        _ request: HealthCheckRequest, _ context: ServerContext
    ) async throws(RPCError) -> HealthCheckResponse {
        guard let status = registry.status(of: request.service) else {
            throw RPCError(.notFound, "unknown service \"\(request.service)\"")
        }
        return HealthCheckResponse(status: status)
    }

    package func list(
        _ request: HealthListRequest, _ context: ServerContext
    ) async throws(RPCError) -> HealthListResponse {
        HealthListResponse(statuses: registry.all.mapValues { HealthCheckResponse(status: $0) })
    }

    /// The status now, and again whenever it changes, until the client leaves or the server stops.
    package func watch(
        _ request: HealthCheckRequest, _ context: ServerContext, _ replies: MessageWriter<HealthCheckResponse>
    ) async throws(RPCError) {
        let watcher = HealthWatcher(on: context.loop)
        let number = registry.add(LoopBound(watcher, on: context.loop))
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
}
