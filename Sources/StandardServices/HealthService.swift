import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `grpc.health.v1.Health` (health-checking.md): what each service of this server says of itself.
package struct HealthService {
    fileprivate static let check = MethodDescriptor(service: "grpc.health.v1.Health", method: "Check")

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
}

extension RPCRouter {
    package mutating func add(_ service: HealthService) {
        unary(HealthService.check, isApplication: false) { (request: HealthCheckRequest, _) async throws(RPCError) in
            try service.check(request)
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
