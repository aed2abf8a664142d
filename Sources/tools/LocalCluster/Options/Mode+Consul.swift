import LoadBalancing

extension Mode {
    /// grpc pods enter themselves in Consul while they serve; the gateway waits there for changes.
    package static let consul = Mode(
        name: "consul", summary: "pods enter themselves in Consul, the client chooses per call",
        defaultPolicy: .roundRobin, target: { _ in "consul:///\(Service.grpc.name)" }, podSource: nil,
        parts: [.consul],
        grpcSettings: consulAddress, gatewaySettings: consulAddress)

    /// By address: the programs ask the machine's name server, which does not know the Service.
    private static let consulAddress: @Sendable (PodContext) -> [String: String] = { context in
        Service.consul.virtualAddress(in: context.plan).map { ["CONSUL_HTTP_ADDR": "\($0)"] } ?? [:]
    }
}
