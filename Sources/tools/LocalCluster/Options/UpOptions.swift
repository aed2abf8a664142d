package import Addresses
package import LoadBalancing
package import Settings
package import Telemetry
import Timing

/// How the system that `up` starts is to be. The defaults are the chart's.
package struct UpOptions: Equatable, Sendable {
    private static let mode = Setting(
        "MODE", .choice(of: Mode.all, named: \.name), placeholder: "MODE", default: .headless,
        help: "how calls reach the grpc pods (default headless): \(Mode.names)")
    private static let policy = Setting(
        "POLICY", .choice, placeholder: "POLICY", default: Mode.headless.defaultPolicy,
        help: "the gateway's choice among addresses (default: the mode's): \(LoadBalancingPolicyName.names)")
    private static let replicas = Setting(
        "REPLICAS", .integer(1...mostReplicas), placeholder: "N", default: 5,
        help: "grpc pods, 1 to \(mostReplicas) (default 5)")
    private static let port = Setting(
        "PORT", .integer(1...65535), placeholder: "PORT", default: 31234,
        help: "nginx's port (default 31234)")
    private static let listen = Setting(
        "LISTEN", .ipAddress, default: .loopback,
        help: "where nginx has that port (default 127.0.0.1); 0.0.0.0: on every address of this machine, for"
            + " whoever reaches it. All else stays on loopback")
    private static let maxConnectionAge = Setting(
        "MAX_CONNECTION_AGE", .durationOrOff(atLeast: .seconds(1)), placeholder: "D", default: .seconds(30),
        help: "when a grpc pod asks its clients to reconnect, or off (default 30s)")
    private static let dnsInterval = Setting(
        "DNS_INTERVAL", .duration, placeholder: "D", default: .seconds(5),
        help: "least time between two DNS look-ups of the gateway (default 5s)")
    private static let dnsTTL = Setting(
        "DNS_TTL", .wholeSeconds(atMost: .seconds(86400), "a day"), default: 5,
        help: "how long a DNS answer may be kept, whole seconds (default 5s; kind's CoreDNS: 30s)")
    private static let dnsCache = Setting(
        // dnsmasq keeps nothing longer than an hour for this reason.
        "DNS_CACHE", .wholeSeconds(atMost: .seconds(3600), "an hour"), default: 0,
        help: "a cache before the DNS server keeps answers so long, whole seconds (default 0s: there is none)")
    private static let shutdownDelay = Setting(
        "SHUTDOWN_DELAY", .duration, placeholder: "D", default: usualDelay,
        help: "how long a pod still serves after SIGTERM"
            + " (default 5s; grpc pods named by DNS: at least --dns-cache + --dns-interval)")
    private static let web = Setting(
        "WEB", .directory, default: "web",
        help: "the files that are served under /js (default: web in the source tree)")
    private static let logLevel = Setting(
        "LOG_LEVEL", .choice, placeholder: "LEVEL", default: LogLevel.info,
        help: "of the services (default info): \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))")
    private static let logFormat = Setting(
        "LOG_FORMAT", .choice, placeholder: "FORMAT", default: LogFormat.text,
        help: "of what the pods print: text, or json, an object a line (default text)")
    private static let otlpEndpoint = Setting(
        "OTLP_ENDPOINT", .collector, default: "",
        help: "a collector to which the services export spans, such as http://127.0.0.1:4317 (default: none)")

    package static let settings: [any AnySetting] = [
        mode, policy, serviceConfigSetting, replicas, port, listen, maxConnectionAge, dnsInterval, dnsTTL, dnsCache,
        shutdownDelay, web, logLevel, logFormat, otlpEndpoint,
    ]

    package static let mostReplicas = 50
    package typealias Policy = LoadBalancingPolicyName

    package var mode: Mode
    /// Modes whose registries the grpc pods enter themselves in as well, while the gateway goes from one to another.
    package var keptModes: [Mode] = []
    /// nil: the mode's own.
    package var chosenPolicy: LoadBalancingPolicyName?
    /// JSON, or a file's name after an @: see `readServiceConfig`.
    package var serviceConfig: String?
    /// Of the grpc component.
    package var replicas: Int
    /// nginx's port, the NodePort of the chart.
    package var port: UInt16
    /// Where nginx has it: an address of this machine, or all of them.
    package var listen: IPAddress
    /// nil is off.
    package var maxConnectionAge: Duration?
    package var dnsInterval: Duration
    /// Whole seconds, as DNS has them. CoreDNS's kubernetes plugin answers with 5 s if its configuration says nothing;
    /// kubeadm's and kind's configuration says 30 s.
    package var dnsTTL: Int
    /// For how many seconds a cache before the DNS server keeps an answer; 0: there is no cache.
    package var dnsCache: Int
    /// Of every pod; nil: see `shutdownDelay` and `grpcShutdownDelay`.
    package var chosenShutdownDelay: Duration?
    package var shutdownGrace = Duration.seconds(65)
    package var logLevel: LogLevel
    package var logFormat: LogFormat
    /// What the js component serves; nil: the source tree's.
    package var webDirectory: String?
    /// Where spans go; nil: there are none.
    package var otlpEndpoint: String?

    /// Without values, the defaults.
    package init(_ values: SettingValues = SettingValues()) {
        mode = values[UpOptions.mode]
        chosenPolicy = values.given(UpOptions.policy)
        serviceConfig = values.given(UpOptions.serviceConfigSetting)
        replicas = values[UpOptions.replicas]
        port = UInt16(values[UpOptions.port])
        listen = values[UpOptions.listen]
        maxConnectionAge = values[UpOptions.maxConnectionAge]
        dnsInterval = values[UpOptions.dnsInterval]
        dnsTTL = values[UpOptions.dnsTTL]
        dnsCache = values[UpOptions.dnsCache]
        chosenShutdownDelay = values.given(UpOptions.shutdownDelay)
        logLevel = values[UpOptions.logLevel]
        logFormat = values[UpOptions.logFormat]
        webDirectory = values.given(UpOptions.web)
        otlpEndpoint = values.given(UpOptions.otlpEndpoint)
    }

    package var modes: [Mode] { [mode] + keptModes }

    package var policy: LoadBalancingPolicyName { chosenPolicy ?? configuredPolicy ?? mode.defaultPolicy }

    /// The words that make another process read the same options.
    package var arguments: [String] {
        var words = ["--mode", mode.name]
        if let chosenPolicy { words += ["--policy", chosenPolicy.rawValue] }
        if let serviceConfig { words += ["--service-config", serviceConfig] }
        words += ["--replicas", "\(replicas)", "--port", "\(port)", "--listen", "\(listen)"]
        words += ["--max-connection-age", maxConnectionAge.map(DurationText.format) ?? "off"]
        words += ["--dns-interval", DurationText.format(dnsInterval), "--dns-ttl", "\(dnsTTL)s"]
        words += ["--dns-cache", "\(dnsCache)s", "--log-level", logLevel.rawValue]
        words += ["--log-format", logFormat.rawValue]
        if let chosenShutdownDelay { words += ["--shutdown-delay", DurationText.format(chosenShutdownDelay)] }
        if let webDirectory { words += ["--web", webDirectory] }
        if let otlpEndpoint { words += ["--otlp-endpoint", otlpEndpoint] }
        return words
    }
}

extension SettingKind<Int> {
    /// A duration, as DNS has them.
    fileprivate static func wholeSeconds(atMost limit: Duration, _ limitText: String) -> SettingKind {
        SettingKind(
            placeholder: "D", expectation: "whole seconds, at most \(limitText), such as 5s",
            parse: { text in
                guard let duration = DurationText.parse(text), duration <= limit else { return nil }
                let seconds = duration.components.seconds
                return duration == .seconds(seconds) ? Int(seconds) : nil
            }, format: { "\($0)s" })
    }
}

extension SettingKind<String> {
    /// The services say what else is wrong with one; they end then, and their log has it.
    fileprivate static var collector: SettingKind {
        SettingKind(
            placeholder: "URL", expectation: "http://host:port or https://host:port of a collector's gRPC receiver",
            parse: { text in text.hasPrefix("http://") || text.hasPrefix("https://") ? text : nil }, format: { $0 })
    }

    fileprivate static var directory: SettingKind {
        SettingKind(
            placeholder: "DIR", expectation: "the path of a directory", parse: { $0.isEmpty ? nil : $0 }, format: { $0 }
        )
    }
}
