import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `grpc.health.v1.Health` (health-checking.md): what each service of this server says of itself. Loop thread only.
package final class HealthService {
    fileprivate static let check = MethodDescriptor(service: "grpc.health.v1.Health", method: "Check")

    private var statuses: [String: ServingStatus]

    /// All `services` begin SERVING; "" is the server as a whole.
    package init(services: [String]) {
        statuses = Dictionary(([""] + services).map { ($0, .serving) }) { first, _ in first }
    }

    /// Changes every service at once.
    package func setAll(_ status: ServingStatus) {
        for service in statuses.keys { statuses[service] = status }
    }

    package func register(in router: inout RPCRouter) {
        router.unary(HealthService.check, isApplication: false) {
            (request: HealthCheckRequest, _) async throws(RPCError) in
            guard let status = self.statuses[request.service] else {
                throw RPCError(.notFound, "unknown service \"\(request.service)\"")
            }
            return HealthCheckResponse(status: status)
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
