import Addresses
import Events
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers
import ServiceKit
import StandardServices

/// `grpc-server probe`: asks a server's grpc.health.v1 as grpc_health_probe does.
enum HealthProbe {
    @Sendable static func run(_ options: ProbeOptions, on loop: EventLoop) async -> ProbeOutcome {
        let target = Target(reaching: options.address)
        let resolver = StaticResolver([Endpoint(options.address)], on: loop)
        var configuration = ChannelConfiguration()
        // There is one resolver, which cannot be made anew.
        configuration.idleTimeout = nil
        if let tls = options.tls { configuration.dialer = tls }
        let channel = Channel(
            target: target, resolver: resolver, policy: PickFirst(), on: loop, configuration: configuration)
        defer { channel.shutdown() }
        do throws(RPCError) {
            let health = try await HealthClient(channel).check(
                HealthCheckRequest(service: options.service), options: CallOptions(timeout: options.timeout))
            return health.status == .serving ? .serving : .notServing("the status is \(health.status)")
        } catch {
            let connected = channel.snapshot.subchannels.contains { $0.state == .ready }
            return connected ? .callFailed(error.description) : .noConnection(error.description)
        }
    }
}

extension Target {
    /// The scheme matters: where there is only a path, a call needs another authority.
    fileprivate init(reaching address: SocketAddress) {
        switch address {
        case .ip(.v4, _): self.init(scheme: "ipv4", endpoint: address.description)
        case .ip(.v6, _): self.init(scheme: "ipv6", endpoint: address.description)
        case .unix(let path): self.init(scheme: "unix", endpoint: path)
        case .unixAbstract(let name): self.init(scheme: "unix-abstract", endpoint: name)
        case .host: self.init(scheme: "passthrough", endpoint: address.description)
        }
    }
}
