import Addresses
import LoadBalancing

/// The modes in which the gateway asks DNS and connects to what it is told.
extension Mode {
    /// One virtual address; kube-proxy, or here the forwarder, picks a pod per connection. gRPC keeps one connection for
    /// all calls, so all calls reach one pod.
    package static let clusterIP = Mode(
        name: "clusterip", summary: "one virtual address, a pod is chosen per connection", defaultPolicy: .pickFirst,
        target: byName(.grpc), service: .grpc)

    /// DNS answers with the address of every ready pod, and the client chooses per call.
    package static let headless = Mode(
        name: "headless", summary: "DNS names every pod, the client chooses per call", defaultPolicy: .roundRobin,
        target: byName(.grpcHeadless), service: .grpcHeadless, dnsInterval: { $0.dnsInterval })

    /// In the cluster the authority is empty, and the pod's resolv.conf says whom to ask.
    static func byName(_ service: Service) -> @Sendable (Surroundings) -> String {
        { "dns://\($0.resolver)/\(service.hostName):\(service.port)" }
    }
}
