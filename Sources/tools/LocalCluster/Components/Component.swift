package import Settings
import System

/// A Deployment with its Services.
package struct Component: Equatable, Sendable {
    /// As in the chart: `grpc`.
    package let name: String
    package let services: [Service]
    /// How many pods to start with.
    package let replicas: @Sendable (UpOptions) -> Int
    /// How many there can be.
    package let mostReplicas: Int
    /// Components that `Topology` has come up before this one, in every mode.
    package let startsAfter: [String]
    package let readiness: Readiness
    /// How a pod's process is started. A pure function: the supervisor does what the result says.
    package let launch: @Sendable (PodContext) -> Launch

    /// The request whose answer 200 means that the pod is ready.
    package typealias Readiness = Launch.HTTPRequest

    package init(
        name: String, services: [Service], replicas: @escaping @Sendable (UpOptions) -> Int, mostReplicas: Int,
        startsAfter: [String], readiness: Readiness, launch: @escaping @Sendable (PodContext) -> Launch
    ) {
        self.name = name
        self.services = services
        self.replicas = replicas
        self.mostReplicas = mostReplicas
        self.startsAfter = startsAfter
        self.readiness = readiness
        self.launch = launch
    }

    package static let servicePort: UInt16 = 8080
    package static let adminPort: UInt16 = 9090

    /// The name of its Deployment, which its pods' names begin with.
    package var deployment: String { "sample-service-\(name)" }

    /// What runs in every mode, in the order in which `status` lists them. A new one is a file like
    /// `Component+Gateway.swift` and a word here; one of a mode's own is a word among its `parts`.
    package static let core = [grpc, gateway, js, nginx]
    /// All that can run.
    package static let all = Topology(Mode.all).components

    package static func named(_ name: String) -> Component? { all.first { $0.name == name } }

    package static func required(_ name: String) throws(UsageError) -> Component {
        guard let component = named(name) else {
            throw UsageError("there is no component '\(name)'; there are: \(all.map(\.name).joined(separator: ", "))")
        }
        return component
    }

    package static func == (left: Component, right: Component) -> Bool { left.name == right.name }

    /// A rolling restart has one more pod than usual for a while.
    package func checkCanRoll() throws(UsageError) {
        guard mostReplicas > 1 else {
            throw UsageError(
                "\(name) cannot be restarted in turn: there can be only one pod of it; "
                    + "\(Program.name) kill makes it start anew"
            )
        }
    }
}
