package import Addresses
package import LoadBalancing
import Terminal

/// A way for calls to reach the grpc pods. A new one is a value below and a word in `all`.
package struct Mode: Equatable, Sendable {
    package let name: String
    /// For the help: what it does, in half a line.
    package let summary: String
    package let defaultPolicy: LoadBalancingPolicyName
    /// The Service that the gateway's target names.
    package let service: Service
    /// Whether DNS names the pods themselves to whoever connects to them. A pod that ends must then outlast what DNS says.
    package let findsPodsByDNS: Bool

    package static let all = [clusterIP, headless]
    package static let names = all.map(\.name).joined(separator: ", ")

    package static func named(_ name: String) -> Mode? { all.first { $0.name == name } }

    /// The gateway's target. In the cluster the authority is empty, and the pod's resolv.conf says whom to ask.
    package func target(dns: SocketAddress) -> String {
        "dns://\(dns)/\(service.hostName):\(service.port)"
    }

    package static var help: String {
        let width = all.map(\.name.count).max() ?? 0
        let lines = all.map { "  \($0.name.padded(to: width))  \($0.summary) (policy \($0.defaultPolicy.rawValue))" }
        return "Modes:\n" + lines.joined(separator: "\n")
    }
}

extension Mode {
    /// One virtual address; kube-proxy, or here the forwarder, picks a pod per connection. gRPC keeps one connection for
    /// all calls, so all calls reach one pod.
    package static let clusterIP = Mode(
        name: "clusterip", summary: "one virtual address, a pod is chosen per connection", defaultPolicy: .pickFirst,
        service: .grpc, findsPodsByDNS: false)

    /// DNS answers with the address of every ready pod, and the client chooses per call.
    package static let headless = Mode(
        name: "headless", summary: "DNS names every pod, the client chooses per call", defaultPolicy: .roundRobin,
        service: .grpcHeadless, findsPodsByDNS: true)
}
