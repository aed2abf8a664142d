package import LoadBalancing
package import Terminal
import Timing

/// How the system that `up` starts is to be. The defaults are the chart's.
package struct UpOptions: Equatable, Sendable {
    package var mode = Mode.headless
    /// nil: the mode's own.
    package var chosenPolicy: LoadBalancingPolicyName?
    /// Of the grpc component.
    package var replicas = 5
    /// nginx's port on 127.0.0.1, the NodePort of the chart.
    package var port: UInt16 = 31234
    /// nil is off.
    package var maxConnectionAge: Duration? = .seconds(30)
    package var dnsInterval = Duration.seconds(5)
    /// Whole seconds, as DNS has them. CoreDNS's kubernetes plugin answers with 5 s if its configuration says nothing;
    /// kubeadm's and kind's configuration says 30 s.
    package var dnsTTL = 5
    /// For how many seconds a cache before the DNS server keeps an answer; 0: there is no cache.
    package var dnsCache = 0
    /// Of every pod; nil: see `shutdownDelay` and `grpcShutdownDelay`.
    package var chosenShutdownDelay: Duration?
    package var shutdownGrace = Duration.seconds(65)
    package var logLevel = "info"
    /// What the js component serves; nil: the source tree's.
    package var webDirectory: String?

    package static let mostReplicas = 50
    private static let logLevels = ["debug", "info", "warn", "error"]

    package init() {}

    package var policy: LoadBalancingPolicyName { chosenPolicy ?? mode.defaultPolicy }

    package static let syntax = [
        OptionSyntax("mode", value: "MODE", help: "how calls reach the grpc pods (default headless): \(Mode.names)"),
        OptionSyntax(
            "policy", value: "POLICY",
            help: "the gateway's choice among addresses (default: the mode's): \(LoadBalancingPolicyName.names)"),
        OptionSyntax("replicas", value: "N", help: "grpc pods, 1 to \(mostReplicas) (default 5)"),
        OptionSyntax("port", value: "PORT", help: "nginx's port on 127.0.0.1 (default 31234)"),
        OptionSyntax(
            "max-connection-age", value: "D",
            help: "when a grpc pod asks its clients to reconnect, or off (default 30s)"),
        OptionSyntax(
            "dns-interval", value: "D", help: "least time between two DNS look-ups of the gateway (default 5s)"),
        OptionSyntax(
            "dns-ttl", value: "D",
            help: "how long a DNS answer may be kept, whole seconds (default 5s; kind's CoreDNS: 30s)"),
        OptionSyntax(
            "dns-cache", value: "D",
            help: "a cache before the DNS server keeps answers so long, whole seconds (default 0s: there is none)"),
        OptionSyntax(
            "shutdown-delay", value: "D",
            help: "how long a pod still serves after SIGTERM"
                + " (default 5s; grpc pods named by DNS: at least --dns-cache + --dns-interval)"),
        OptionSyntax(
            "web", value: "DIR", help: "the files that are served under /js (default: web in the source tree)"),
        OptionSyntax(
            "log-level", value: "LEVEL", help: "of the services (default info): \(logLevels.joined(separator: ", "))"),
    ]

    package init(_ arguments: Arguments) throws(UsageError) {
        for (name, value) in arguments.options.sorted(by: { $0.key < $1.key }) { try set(name, to: value) }
    }

    private mutating func set(_ name: String, to value: String) throws(UsageError) {
        switch name {
        case "mode":
            guard let mode = Mode.named(value) else { throw bad(name, value, Mode.names) }
            self.mode = mode
        case "policy":
            guard let policy = LoadBalancingPolicyName(rawValue: value) else {
                throw bad(name, value, LoadBalancingPolicyName.names)
            }
            chosenPolicy = policy
        case "replicas":
            guard let count = Int(value), (1...UpOptions.mostReplicas).contains(count) else {
                throw bad(name, value, "a number from 1 to \(UpOptions.mostReplicas)")
            }
            replicas = count
        case "port":
            guard let port = UInt16(value), port > 0 else { throw bad(name, value, "a port from 1 to 65535") }
            self.port = port
        case "max-connection-age": maxConnectionAge = value == "off" ? nil : try positive(name, value, orOff: true)
        case "dns-interval": dnsInterval = try duration(name, value)
        case "dns-ttl": dnsTTL = try wholeSeconds(name, value, atMost: .seconds(86400), "a day")
        // dnsmasq keeps nothing longer than an hour for this reason.
        case "dns-cache": dnsCache = try wholeSeconds(name, value, atMost: .seconds(3600), "an hour")
        case "shutdown-delay": chosenShutdownDelay = try duration(name, value)
        case "web":
            guard !value.isEmpty else { throw bad(name, value, "the path of a directory") }
            webDirectory = value
        case "log-level":
            guard UpOptions.logLevels.contains(value) else {
                throw bad(name, value, UpOptions.logLevels.joined(separator: ", "))
            }
            logLevel = value
        default: return
        }
    }

    private func duration(_ name: String, _ value: String) throws(UsageError) -> Duration {
        guard let duration = DurationText.parse(value) else { throw bad(name, value, DurationText.expectation) }
        return duration
    }

    private func wholeSeconds(
        _ name: String, _ value: String, atMost limit: Duration, _ limitText: String
    ) throws(UsageError) -> Int {
        let duration = try duration(name, value)
        guard duration <= limit, duration == .seconds(duration.components.seconds) else {
            throw bad(name, value, "whole seconds, at most \(limitText), such as 5s")
        }
        return Int(duration.components.seconds)
    }

    private func positive(_ name: String, _ value: String, orOff: Bool) throws(UsageError) -> Duration {
        guard let duration = DurationText.parse(value), duration > .zero else {
            throw bad(name, value, DurationText.expectation + (orOff ? ", or off" : ""))
        }
        return duration
    }

    private func bad(_ name: String, _ value: String, _ expected: String) -> UsageError {
        UsageError("--\(name) '\(value)' is not possible; expected: \(expected)")
    }

    /// The words that make another process read the same options.
    package var arguments: [String] {
        var words = ["--mode", mode.name]
        if let chosenPolicy { words += ["--policy", chosenPolicy.rawValue] }
        words += ["--replicas", "\(replicas)", "--port", "\(port)"]
        words += ["--max-connection-age", maxConnectionAge.map(DurationText.format) ?? "off"]
        words += ["--dns-interval", DurationText.format(dnsInterval), "--dns-ttl", "\(dnsTTL)s"]
        words += ["--dns-cache", "\(dnsCache)s", "--log-level", logLevel]
        if let chosenShutdownDelay { words += ["--shutdown-delay", DurationText.format(chosenShutdownDelay)] }
        if let webDirectory { words += ["--web", webDirectory] }
        return words
    }
}
