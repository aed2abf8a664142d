package import Addresses
package import Events
package import Settings
import Timing

/// What `probe` is asked to do.
package struct ProbeOptions: Sendable {
    package var address: SocketAddress
    /// The health service's name for what is asked about; empty for the whole server.
    package var service: String
    /// Of the whole probe.
    package var timeout: Duration
    /// nil: in clear text.
    package var tls: (any Dialer)?
    /// The service speaks TLS, and nothing is said of how to: its admin port is asked, which has none.
    package var asksAdminPort = false

    package init(
        address: SocketAddress, service: String = "", timeout: Duration = .seconds(1), tls: (any Dialer)? = nil
    ) {
        self.address = address
        self.service = service
        self.timeout = timeout
        self.tls = tls
    }

    /// Reads the arguments after the verb. `defaultAddress` is where the service itself listens; an address that means
    /// "all" is asked for on loopback. `adminAddress`: of a service that speaks TLS where it listens.
    package static func parse(
        _ arguments: [String], defaultAddress: SocketAddress, adminAddress: SocketAddress? = nil
    ) throws(UsageError) -> ProbeOptions? {
        let address = Setting("ADDR", .probeAddress, default: defaultAddress, help: "")
        let service = Setting("SERVICE", .string("NAME"), default: "", help: "")
        let timeout = Setting("TIMEOUT", .duration(atLeast: .milliseconds(1)), default: .seconds(1), help: "")
        // No variables: they configure the service, and ADDR would be too common a name.
        switch try CommandLineParser([address, service, timeout] + TLSClientOptions.settings).parse(arguments) {
        case .values(let values):
            let isAddressed = values.given(address) != nil
            let address = values[address].reachable
            var options = ProbeOptions(
                address: address, service: values[service], timeout: values[timeout],
                tls: try TLSClientOptions.dialer(values, to: address.host, protocols: ["h2"]))
            if let adminAddress, !isAddressed, options.service.isEmpty, options.tls == nil {
                options.address = adminAddress.reachable
                options.asksAdminPort = true
            }
            return options
        case .help, .version:
            return nil
        }
    }
}

extension SettingKind<SocketAddress> {
    /// As `address`, and `localhost:PORT` as people write it.
    fileprivate static var probeAddress: SettingKind {
        let base = SettingKind.address
        return SettingKind(
            placeholder: "ADDRESS", expectation: base.expectation,
            parse: { base.parse($0.hasPrefix("localhost:") ? "127.0.0.1" + $0.dropFirst(9) : $0) },
            format: base.format)
    }
}

extension SocketAddress {
    /// What a certificate may be for; nil for a path.
    fileprivate var host: String? {
        switch self {
        case .ip(let address, _): address.description
        case .host(let name, _): name
        case .unix, .unixAbstract: nil
        }
    }

    /// Loopback in place of "all addresses", which one can listen on and not connect to.
    package var reachable: SocketAddress {
        switch self {
        // Also `[::]`, which takes IPv4 as well, and stands for IPv4 alone where the kernel has no IPv6.
        case .ip(.v4(0), let port), .ip(.v6(0), let port): .ip(.v4(0x7f00_0001), port: port)
        case .ip, .unix, .unixAbstract, .host: self
        }
    }
}

/// What a probe found, with the exit statuses of grpc_health_probe.
package enum ProbeOutcome: Hashable, Sendable {
    case serving
    case badArguments(String)
    case noConnection(String)
    case callFailed(String)
    case notServing(String)

    package var exitStatus: Int32 {
        switch self {
        case .serving: 0
        case .badArguments: 1
        case .noConnection: 2
        case .callFailed: 3
        case .notServing: 4
        }
    }

    package var message: String {
        switch self {
        case .serving: "serving"
        case .badArguments(let reason): "bad arguments: \(reason)"
        case .noConnection(let reason): "no connection: \(reason)"
        case .callFailed(let reason): "the call failed: \(reason)"
        case .notServing(let reason): reason.isEmpty ? "not serving" : "not serving: \(reason)"
        }
    }
}
