import LoadBalancing

extension Mode {
    /// nginx, which is there anyway, stands between gateway and grpc pods too.
    package static let nginx = Mode(
        name: "nginx", summary: "nginx, which asks DNS, chooses a pod per call", defaultPolicy: .pickFirst,
        target: byName(.nginxGRPC), service: .nginxGRPC, dnsInterval: { .seconds($0.nginxResolverSeconds) })
}
