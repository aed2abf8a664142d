import LoadBalancing

extension Mode {
    /// One virtual address; kube-proxy, or here the forwarder, picks a pod per connection. gRPC keeps one connection for
    /// all calls, so all calls reach one pod.
    package static let clusterIP = Mode(
        name: "clusterip", summary: "one virtual address, a pod is chosen per connection", defaultPolicy: .pickFirst,
        service: .grpc, findsPodsByDNS: false)
}
