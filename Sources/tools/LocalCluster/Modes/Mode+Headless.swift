import LoadBalancing

extension Mode {
    /// DNS answers with the address of every ready pod, and the client chooses per call.
    package static let headless = Mode(
        name: "headless", summary: "DNS names every pod, the client chooses per call", defaultPolicy: .roundRobin,
        service: .grpcHeadless, findsPodsByDNS: true)
}
