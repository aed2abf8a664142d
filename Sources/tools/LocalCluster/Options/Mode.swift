package import Addresses
package import LoadBalancing
import Terminal

/// A way for calls to reach the grpc pods. A new one is a file beside `Mode+DNS.swift`, and a word in `all`.
package struct Mode: Sendable {
    /// What a gateway's target may depend on.
    package struct Surroundings: Sendable {
        /// The name server to ask.
        package let resolver: SocketAddress
        /// Of the gateway's pod; nil where any gateway is meant.
        package let podAddress: IPAddress?

        package init(resolver: SocketAddress, podAddress: IPAddress? = nil) {
            self.resolver = resolver
            self.podAddress = podAddress
        }
    }

    package let name: String
    /// For the help: what it does, in half a line.
    package let summary: String
    package let defaultPolicy: LoadBalancingPolicyName
    /// The gateway's target.
    package let target: @Sendable (Surroundings) -> String
    /// The Service whose name the target has, for whoever wants to look it up; nil: pods are not found by a name.
    package let service: Service?
    /// Nil, unless DNS names the pods themselves to whoever connects to them: then how far apart that one's look-ups can
    /// be. A pod that ends must outlast what DNS says.
    package let dnsInterval: (@Sendable (UpOptions) -> Duration)?
    /// Where the gateway learns of every pod, which it does for people only; nil: where its target is found.
    package let podSource: (@Sendable (Surroundings) -> String)?
    /// What runs in this mode only. A part that waits for grpc pods says so itself; grpc pods wait for the other parts,
    /// and the gateway for all.
    package let parts: [Component]
    /// Variables that grpc pods have in this mode: how they enter themselves in its registry.
    package let grpcSettings: @Sendable (PodContext) -> [String: String]
    /// Variables that gateways have in this mode.
    package let gatewaySettings: @Sendable (PodContext) -> [String: String]
    /// What runs beside the gateway in its pods.
    package let gatewaySidecars: @Sendable (PodContext) -> [Launch.Sidecar]

    package init(
        name: String, summary: String, defaultPolicy: LoadBalancingPolicyName,
        target: @escaping @Sendable (Surroundings) -> String, service: Service? = nil,
        dnsInterval: (@Sendable (UpOptions) -> Duration)? = nil,
        podSource: (@Sendable (Surroundings) -> String)? = byName(.grpcHeadless), parts: [Component] = [],
        grpcSettings: @escaping @Sendable (PodContext) -> [String: String] = { _ in [:] },
        gatewaySettings: @escaping @Sendable (PodContext) -> [String: String] = { _ in [:] },
        gatewaySidecars: @escaping @Sendable (PodContext) -> [Launch.Sidecar] = { _ in [] }
    ) {
        self.name = name
        self.summary = summary
        self.defaultPolicy = defaultPolicy
        self.target = target
        self.service = service
        self.dnsInterval = dnsInterval
        self.podSource = podSource
        self.parts = parts
        self.grpcSettings = grpcSettings
        self.gatewaySettings = gatewaySettings
        self.gatewaySidecars = gatewaySidecars
    }

    package static let all = [clusterIP, headless, kubernetes, envoy, envoySidecar, nginx, etcd, consul]
    package static let names = all.map(\.name).joined(separator: ", ")

    package static func named(_ name: String) -> Mode? { all.first { $0.name == name } }

    /// What keeps the mode from running on this machine, with what to do about it; nil if nothing does.
    package var missing: String? {
        var options = UpOptions()
        options.mode = self
        let context = PodContext(
            options: options, plan: AddressPlan(network: AddressPlan.networks.lowerBound), podName: "",
            podAddress: .v4(0x7f00_0001), directory: "/", nginxTemplate: "", webDirectory: "/")
        for program in Topology([self]).components.flatMap({ $0.launch(context).programs }) {
            do throws(Failure) {
                _ = try ProgramFinder.current.path(of: program)
            } catch {
                return error.message
            }
        }
        return nil
    }

    package static var help: String {
        let width = all.map(\.name.count).max() ?? 0
        let lines = all.map { "  \($0.name.padded(to: width))  \($0.summary) (policy \($0.defaultPolicy.rawValue))" }
        return "Modes:\n" + lines.joined(separator: "\n")
    }
}

extension Mode: Hashable {
    package static func == (left: Mode, right: Mode) -> Bool { left.name == right.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
