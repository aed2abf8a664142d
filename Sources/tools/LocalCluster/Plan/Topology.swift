/// Which components a system has, and in which order they come up.
package struct Topology: Equatable, Sendable {
    /// In the order in which `status` lists them.
    package let components: [Component]

    /// The parts of these modes run beside what there is always.
    package init(_ modes: [Mode]) {
        let core = Component.core
        var parts: [Component] = []
        for part in modes.flatMap(\.parts) where !parts.contains(part) { parts.append(part) }
        components = core + parts
    }

    package var parts: ArraySlice<Component> { components.dropFirst(Component.core.count) }

    /// What pods listen on, on addresses of their own.
    package func podPorts(_ options: UpOptions, _ plan: AddressPlan) -> [UInt16] {
        var ports: Set = [Component.servicePort, Component.adminPort]
        for component in components {
            let context = PodContext(
                options: options, plan: plan, podName: component.deployment, podAddress: plan.podAddress(number: 1),
                directory: "/", nginxTemplate: "", webDirectory: "/")
            ports.formUnion(component.services.map(\.targetPort) + [component.readiness.port])
            ports.formUnion(component.launch(context).sidecars.map(\.readiness.port))
        }
        return ports.sorted()
    }

    /// The same, and what stands before the pods: Services, DNS, Kubernetes' API.
    func allPorts(_ options: UpOptions, _ plan: AddressPlan) -> Set<UInt16> {
        Set(podPorts(options, plan)).union(components.flatMap(\.services).map(\.port))
            .union([AddressPlan.infrastructurePort, AddressPlan.apiPort])
    }

    /// Names of the components all of whose pods must be ready before the first pod of this one starts. Kubernetes knows
    /// no such order; here it lets the first look-up already see every pod, so that each run shows the same.
    package func predecessors(of component: Component) -> [String] {
        switch component {
        case .grpc: component.startsAfter + parts.filter { $0.startsAfter.isEmpty }.map(\.name)
        case .gateway: component.startsAfter + parts.map(\.name)
        default: component.startsAfter
        }
    }
}
