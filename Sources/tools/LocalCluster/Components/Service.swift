package import Addresses

/// A Kubernetes Service: a name that stands for the ready pods of a component.
package struct Service: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// One address of its own (ClusterIP); whoever connects to it reaches one of the pods. The index tells the
        /// Services' addresses apart.
        case virtual(index: UInt8)
        /// DNS answers with the addresses of the pods; ports are not translated.
        case headless
    }

    package static let domain = "default.svc.cluster.local"

    package let name: String
    package let kind: Kind
    package let port: UInt16
    /// The pods' port.
    package let targetPort: UInt16

    package init(name: String, kind: Kind, port: UInt16, targetPort: UInt16) {
        self.name = name
        self.kind = kind
        self.port = port
        self.targetPort = targetPort
    }

    package var hostName: String { "\(name).\(Service.domain)" }

    /// Where clients reach it whatever its pods are; nil for a headless one.
    package func virtualAddress(in plan: AddressPlan) -> SocketAddress? {
        switch kind {
        case .virtual(let index): .ip(plan.virtualAddress(index: index), port: port)
        case .headless: nil
        }
    }

    /// A name without a dot belongs to the namespace `default`, as a pod's resolv.conf has it.
    package static func complete(_ name: String) -> String {
        name.contains(".") ? name : "\(name).\(domain)"
    }
}

extension Service {
    package static let grpc = Service(
        name: "sample-service-grpc", kind: .virtual(index: 0), port: 8080, targetPort: 8080)
    package static let grpcHeadless = Service(
        name: "sample-service-grpc-headless", kind: .headless, port: 8080, targetPort: 8080)
    package static let gateway = Service(
        name: "sample-service-gateway", kind: .virtual(index: 1), port: 8080, targetPort: 8080)
    package static let js = Service(
        name: "sample-service-js", kind: .virtual(index: 2), port: 8080, targetPort: 8080)
    package static let nginx = Service(
        name: "sample-service-nginx", kind: .virtual(index: 3), port: 80, targetPort: 8080)
    package static let consul = Service(
        name: "sample-service-consul", kind: .virtual(index: 7), port: Component.consulPort,
        targetPort: Component.consulPort)
}
