import JSON

/// Who calls which Service, as far as it can be read: a variable of a container has the Service's gRPC target.
struct CallPath: Sendable {
    let caller: DeploymentObject
    let container: ContainerObject
    let variable: String
    let target: String
    let service: String
    let namespace: String
    let port: Int?
    /// Whether the name is looked up, so that what it resolves to matters.
    let isName: Bool

    var field: String { DeploymentObject.field(container.name, "env[\(variable)]") }
    var reference: String { "\(namespace)/\(service)" }

    /// What our own gateway and gRPC's service config call it; nil: nobody said.
    var policy: String? {
        if let policy = container.variable("LOAD_BALANCING_POLICY"), !policy.isEmpty { return policy }
        let config = container.variables.lazy.compactMap { try? JSONParser.parse(Array($0.value.utf8)) }
            .compactMap { $0["loadBalancingConfig"]?.array?.first?.object?.keys.first }.first
        return config
    }

    /// Every call that can be read. Whatever is not written as a target counts only if a Service has the name.
    static func all(in seen: ClusterObservation) -> [CallPath] {
        let services = Set(seen.services.map(\.meta.reference))
        return seen.deployments.flatMap { deployment in
            deployment.containers.flatMap { container in
                container.variables.compactMap { variable in
                    read(variable.value, of: deployment, container, variable.name) { services.contains($0) }
                }
            }
        }
    }

    private static func read(
        _ value: String, of deployment: DeploymentObject, _ container: ContainerObject, _ variable: String,
        isService: (String) -> Bool
    ) -> CallPath? {
        guard let name = ServiceName(value, in: deployment.meta.namespace),
            name.isTarget || isService("\(name.namespace)/\(name.service)")
        else { return nil }
        return CallPath(
            caller: deployment, container: container, variable: variable, target: value, service: name.service,
            namespace: name.namespace, port: name.port, isName: name.isName)
    }
}

/// The Service that a target means.
package struct ServiceName: Hashable, Sendable {
    let service: String
    package let namespace: String
    let port: Int?
    /// It has a scheme of gRPC's.
    let isTarget: Bool
    let isName: Bool

    /// nil: none of this cluster's.
    package init?(_ text: String, in namespace: String) {
        var rest = text[...]
        var isTarget = false
        var isName = true
        for scheme in ["dns:", "kubernetes:"] where rest.hasPrefix(scheme) {
            isTarget = true
            isName = scheme == "dns:"
            rest = rest.dropFirst(scheme.count)
            if rest.hasPrefix("//"), let slash = rest.dropFirst(2).firstIndex(of: "/") {
                rest = rest[rest.index(after: slash)...]
            }
        }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), isTarget || parts.count == 2 else { return nil }
        port = parts.count == 2 ? Int(parts[1]) : nil
        // A kubernetes: target may name the port.
        guard port != nil || parts.count == 1 || !isName else { return nil }
        let labels = parts[0].split(separator: ".", omittingEmptySubsequences: true).map(String.init)
        // NAME, NAME.NAMESPACE, NAME.NAMESPACE.svc and what the cluster's domain is.
        guard let first = labels.first, labels.count <= 2 || labels[2] == "svc" else { return nil }
        // What is no name of Kubernetes' is somebody else's: a URL, a path, a time.
        guard labels.allSatisfy({ $0.utf8.allSatisfy(ServiceName.mayBe) }) else { return nil }
        service = first
        self.namespace = labels.count > 1 ? labels[1] : namespace
        self.isTarget = isTarget
        self.isName = isName
    }

    private static func mayBe(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
