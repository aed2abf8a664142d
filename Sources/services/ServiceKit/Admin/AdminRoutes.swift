import HTTP
package import HTTPTransport
package import JSON
package import Telemetry

/// What a service answers on its admin port, which the outside never reaches:
///
/// - `GET /healthz`: the process works. 200 always: a loop that hangs does not answer, and that is the test.
/// - `GET /readyz`: 200, or 503 with the reason.
/// - `POST /readyz/disable`, `POST /readyz/enable`: take this instance out of the endpoints, and back; 403 without
///   `allowsActions`.
/// - `GET /metrics`: Prometheus text.
/// - `GET /version`: name, version and hostname as JSON.
package struct AdminRoutes {
    private static let obstacle = "switch"

    private let identity: ServiceIdentity
    private let readiness: ServiceReadiness
    private let metrics: MetricRegistry
    private let allowsActions: Bool

    /// Without `allowsActions` nothing can be changed there by anybody who reaches the port.
    package init(
        identity: ServiceIdentity, readiness: ServiceReadiness, metrics: MetricRegistry, allowsActions: Bool = true
    ) {
        self.identity = identity
        self.readiness = readiness
        self.metrics = metrics
        self.allowsActions = allowsActions
    }

    package var router: HTTPRouter {
        var router = HTTPRouter()
        router.on(.get, "/healthz") { _ in .text(.ok, "ok\n") }
        router.on(.get, "/readyz") { [readiness] _ in AdminRoutes.answer(readiness) }
        router.on(.post, "/readyz/disable") { [self] _ in
            act { $0.block(AdminRoutes.obstacle, because: "switched off by POST /readyz/disable") }
        }
        router.on(.post, "/readyz/enable") { [self] _ in act { $0.unblock(AdminRoutes.obstacle) } }
        router.on(.get, "/version") { [identity] _ in .json(.ok, identity.write) }
        router.on(.get, "/metrics") { [metrics] _ in
            HTTPResponse(
                status: .ok, fields: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: metrics.text)
        }
        return router
    }

    private func act(_ action: (ServiceReadiness) -> Void) -> HTTPResponse {
        guard allowsActions else {
            return .text(
                .forbidden, "actions are switched off here; the service's setting ADMIN_ACTIONS=true allows them\n")
        }
        action(readiness)
        return .text(.ok, "\(readiness.reason ?? "ok")\n")
    }

    private static func answer(_ readiness: ServiceReadiness) -> HTTPResponse {
        guard let reason = readiness.reason else { return .text(.ok, "ok\n") }
        return .text(.serviceUnavailable, "\(reason)\n")
    }
}

extension ServiceIdentity {
    /// `"name":"gateway","version":"0.1.0","hostname":"gateway-1"`
    package func write(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("version", version)
        writer.member("hostname", hostname)
    }
}
