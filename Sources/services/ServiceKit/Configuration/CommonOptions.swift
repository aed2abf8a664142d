package import Addresses
package import Settings
package import Telemetry

/// What every service lets be configured.
package struct CommonOptions: Sendable {
    package static let listenAddress = Setting(
        "LISTEN_ADDRESS", .address, default: .ip(.v6(0), port: 8080),
        help: "Where clients connect; without a host at every address, by IPv6 and IPv4.")
    package static let adminAddress = Setting(
        "ADMIN_ADDRESS", .address, default: .ip(.v6(0), port: 9090),
        help: "Where probes, metrics and the readiness switch are served; by gateway and grpc-server also channelz.")
    package static let adminActions = Setting(
        "ADMIN_ACTIONS", .boolean, default: true,
        help: "Whether POST /readyz/disable and /readyz/enable there may change readiness; if not, they answer 403.")
    package static let eventLoops = Setting(
        "EVENT_LOOPS", .integer(1...64), default: 1, help: "Threads that serve connections.")
    package static let shutdownDelay = Setting(
        "SHUTDOWN_DELAY", .duration, default: .zero,
        help: "After SIGTERM, serve this long on, not ready any more, so that clients stop coming.")
    package static let shutdownGrace = Setting(
        "SHUTDOWN_GRACE", .duration, default: .seconds(65),
        help: "After that, let requests in flight take this long before their connections are closed.")
    package static let logFormat = Setting(
        "LOG_FORMAT", .choice, default: LogFormat.text, help: "Lines for people, or one JSON object a line.")
    package static let logLevel = Setting(
        "LOG_LEVEL", .choice, default: LogLevel.info,
        help: "The least important lines to print; debug adds health and admin requests.")
    package static let podName = Setting(
        "POD_NAME", .string("NAME"), default: "", help: "What this instance calls itself; the host's name if not given."
    )
    package static let podIP = Setting(
        "POD_IP", .string("ADDRESS"), default: "",
        help: "This instance's address: grpc-server says it in its answers; where it registers, clients are sent there."
    )
    package static let podNamespace = Setting(
        "POD_NAMESPACE", .string("NAME"), default: "", help: "The Kubernetes namespace of this instance.")

    package static let settings: [any AnySetting] = [
        listenAddress, adminAddress, adminActions, eventLoops, shutdownDelay, shutdownGrace, logFormat, logLevel,
        podName,
        podIP, podNamespace,
    ]

    package let listenAddress: SocketAddress
    package let adminAddress: SocketAddress
    package let adminActions: Bool
    package let eventLoops: Int
    package let shutdownDelay: Duration
    package let shutdownGrace: Duration
    package let logFormat: LogFormat
    package let logLevel: LogLevel
    /// Empty if not given.
    package let podName: String
    /// Empty if not given.
    package let podIP: String
    /// Empty if not given.
    package let podNamespace: String

    package init(_ values: SettingValues) {
        listenAddress = values[CommonOptions.listenAddress]
        adminAddress = values[CommonOptions.adminAddress]
        adminActions = values[CommonOptions.adminActions]
        eventLoops = values[CommonOptions.eventLoops]
        shutdownDelay = values[CommonOptions.shutdownDelay]
        shutdownGrace = values[CommonOptions.shutdownGrace]
        logFormat = values[CommonOptions.logFormat]
        logLevel = values[CommonOptions.logLevel]
        podName = values[CommonOptions.podName]
        podIP = values[CommonOptions.podIP]
        podNamespace = values[CommonOptions.podNamespace]
    }
}
