import LoadBalancing

extension Mode {
    /// nginx, which is there anyway, stands between gateway and grpc pods too.
    package static let nginx = Mode(
        name: "nginx", summary: "nginx, which asks DNS, chooses a pod per call", defaultPolicy: .pickFirst,
        target: byName(.nginxGRPC), service: .nginxGRPC,
        dnsInterval: { .seconds($0.nginxResolverSeconds + Mode.nginxSlack) })

    /// nginx counts in whole seconds and asks again when the time is over, not when it is reached: told to keep a name for
    /// 2 s, 1.22 asks every 3 s. The second second is for the connections that it tries then.
    private static let nginxSlack: Int64 = 2
}
