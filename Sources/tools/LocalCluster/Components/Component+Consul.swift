import Telemetry

extension Component {
    /// One agent that is a server by itself and keeps all in memory (`-dev`), as in the chart.
    package static let consul = Component(
        name: "consul", services: [.consul], replicas: { _ in 1 }, mostReplicas: 1, startsAfter: [],
        // Answers 200 only when there is a leader; `/v1/status/leader` says 200 without one, too.
        readiness: Readiness(port: consulPort, path: "/v1/health/state/critical")
    ) { context in
        var launch = Launch(.part("consul", remedy: "make deps fetches it (scripts/get-consul), or says why it cannot"))
        launch.arguments = [
            "agent", "-dev", "-bind", "\(context.podAddress)", "-client", "\(context.podAddress)",
            "-node", context.podName, "-log-level", "warn",
            // No traffic but with us: it would ask its maker for updates, and nobody uses these ports.
            "-hcl", "disable_update_check = true", "-hcl", "ports { dns = -1 grpc = -1 serf_wan = -1 }",
            // Without it, it counts requests for 10 s at a time only; the lab wants to know how many there were.
            "-hcl", "telemetry { prometheus_retention_time = \"1h\" }",
        ]
        if context.options.logFormat == .json { launch.arguments.append("-log-json") }
        return launch
    }

    package static let consulPort: UInt16 = 8500
}
