import LoadBalancing

extension Mode {
    /// grpc pods enter themselves in etcd while they serve; the gateway watches there.
    package static let etcd = Mode(
        name: "etcd", summary: "pods enter themselves in etcd, the client chooses per call",
        defaultPolicy: .roundRobin, target: { _ in "etcd:///\(Service.grpc.name)" }, podSource: nil, parts: [.etcd],
        grpcSettings: { context in
            etcdAddress(context).merging(["REGISTRY_SERVICE": Service.grpc.name]) { $1 }
        },
        gatewaySettings: etcdAddress)

    /// By address: the programs ask the machine's name server, which does not know the Service.
    private static let etcdAddress: @Sendable (PodContext) -> [String: String] = { context in
        Service.etcd.virtualAddress(in: context.plan).map { ["ETCD_ENDPOINTS": "\($0)"] } ?? [:]
    }
}
