package import Addresses
package import LoadBalancing
import Terminal

/// A way for calls to reach the grpc pods. Each is a file of its own next to this one; `all` is where a new one is added.
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
