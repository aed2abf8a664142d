package import JSON
import Timing

/// What `kubectl get services,endpointslices,deployments,pods,networkpolicies -o json` tells, as far as it matters to calls.
package struct ClusterObservation: Sendable {
    package var services: [ServiceObject] = []
    package var deployments: [DeploymentObject] = []
    package var pods: [PodObject] = []
    package var policies: [NetworkPolicyObject] = []
    /// Ready endpoints of each Service, by its reference, as its EndpointSlices have them.
    package var readyEndpoints: [String: Int] = [:]
    /// When it was told, in nanoseconds since 1970; nil: long after all that it tells of.
    package var time: Int64?

    /// Of a container that runs, in nanoseconds since 1970.
    package var lastStart: Int64? {
        pods.flatMap(\.containers).compactMap { $0.started.flatMap(RFC3339.parse) }.max()
    }

    /// Nobody has made anything there: each cluster has the Service of its own API in `default`.
    package var isEmpty: Bool {
        deployments.isEmpty && pods.isEmpty && services.allSatisfy { $0.meta.reference == "default/kubernetes" }
    }

    /// nil if it is not a list of objects. Kinds that are not needed are passed over.
    package init?(_ json: JSONValue) {
        guard let items = json["items"]?.array else { return nil }
        for item in items {
            let meta = ObjectMeta(item)
            switch item["kind"]?.string {
            case "Service": services.append(ServiceObject(meta, item))
            case "Deployment": deployments.append(DeploymentObject(meta, item))
            case "Pod": pods.append(PodObject(meta, item))
            case "NetworkPolicy": policies.append(NetworkPolicyObject(meta, item))
            case "EndpointSlice":
                guard let service = meta.labels["kubernetes.io/service-name"] else { continue }
                // What says nothing of readiness is ready.
                let ready = (item["endpoints"]?.array ?? []).count { $0["conditions"]?["ready"]?.bool ?? true }
                readyEndpoints["\(meta.namespace)/\(service)", default: 0] += ready
            default: continue
            }
        }
    }

    func pods(of service: ServiceObject) -> [PodObject] {
        service.selector.isEmpty
            ? [] : pods.filter { $0.meta.namespace == service.meta.namespace && $0.meta.has(service.selector) }
    }

    func deployments(of service: ServiceObject) -> [DeploymentObject] {
        service.selector.isEmpty
            ? []
            : deployments.filter { $0.meta.namespace == service.meta.namespace && $0.template.has(service.selector) }
    }

    func pods(of deployment: DeploymentObject) -> [PodObject] {
        pods.filter { $0.meta.namespace == deployment.meta.namespace && $0.meta.has(deployment.selector) }
    }
}

struct ObjectMeta: Hashable, Sendable {
    var name: String
    var namespace: String
    var labels: [String: String]

    init(_ object: JSONValue) {
        name = object["metadata"]?["name"]?.string ?? ""
        namespace = object["metadata"]?["namespace"]?.string ?? "default"
        labels = texts(object["metadata"]?["labels"])
    }

    /// As `kubectl get` takes it behind the kind.
    var reference: String { "\(namespace)/\(name)" }

    func has(_ selector: [String: String]) -> Bool { selector.allSatisfy { labels[$0.key] == $0.value } }
}

package struct ServiceObject: Sendable {
    struct Port: Sendable {
        var name: String
        var number: Int
        var target: PortReference
        var applicationProtocol: String?
    }

    let meta: ObjectMeta
    let address: String?
    let selector: [String: String]
    let ports: [Port]

    init(_ meta: ObjectMeta, _ object: JSONValue) {
        self.meta = meta
        address = object["spec"]?["clusterIP"]?.string
        selector = texts(object["spec"]?["selector"])
        ports = (object["spec"]?["ports"]?.array ?? []).map { port in
            let number = port["port"]?.integer.map { Int($0) } ?? 0
            return Port(
                name: port["name"]?.string ?? "", number: number,
                target: PortReference(port["targetPort"]) ?? .number(number),
                applicationProtocol: port["appProtocol"]?.string)
        }
    }

    var isHeadless: Bool { address == "None" }
    /// By what the Service says of its ports.
    var speaksGRPC: Bool {
        ports.contains { port in
            port.name.hasPrefix("grpc") || ["grpc", "kubernetes.io/h2c"].contains(port.applicationProtocol ?? "")
        }
    }
    var object: String { "Service \(meta.reference)" }
}

enum PortReference: Hashable, Sendable, CustomStringConvertible {
    case number(Int)
    case name(String)

    init?(_ json: JSONValue?) {
        if let number = json?.integer {
            self = .number(Int(number))
        } else if let name = json?.string {
            self = .name(name)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .name(let name): "\"\(name)\""
        }
    }
}

struct ContainerObject: Sendable {
    var name: String
    var image: String
    var ports: [(name: String, number: Int)]
    var variables: [(name: String, value: String)]
    /// nil: none.
    var readinessProbe: String?
    /// How long after its start it may be without being ready, and nothing is wrong.
    var grace: Duration

    init(_ object: JSONValue) {
        name = object["name"]?.string ?? ""
        image = object["image"]?.string ?? ""
        ports = (object["ports"]?.array ?? []).map {
            ($0["name"]?.string ?? "", Int($0["containerPort"]?.integer ?? 0))
        }
        variables = (object["env"]?.array ?? []).compactMap { variable in
            guard let name = variable["name"]?.string, let value = variable["value"]?.string else { return nil }
            return (name, value)
        }
        readinessProbe = ContainerObject.describe(object["readinessProbe"])
        grace = ContainerObject.grace(object["startupProbe"]) + ContainerObject.grace(object["readinessProbe"])
    }

    func variable(_ name: String) -> String? { variables.last { $0.name == name }?.value }

    /// What is not set is as the API server has it.
    private static func grace(_ probe: JSONValue?) -> Duration {
        guard let probe, !probe.isNull else { return .zero }
        func value(_ name: String, _ other: Int32) -> Int64 {
            Int64(Int32(clamping: probe[name]?.integer ?? Int64(other)))
        }
        return .seconds(
            value("initialDelaySeconds", 0) + value("failureThreshold", 3) * value("periodSeconds", 10))
    }

    private static func describe(_ probe: JSONValue?) -> String? {
        guard let probe, !probe.isNull else { return nil }
        let times = probe["periodSeconds"]?.integer.map { ", every \($0) s" } ?? ""
        func port(_ part: JSONValue) -> String { PortReference(part["port"]).map { " on port \($0)" } ?? "" }
        if let grpc = probe["grpc"] {
            return "gRPC health of \"\(grpc["service"]?.string ?? "")\"\(port(grpc))\(times)"
        }
        if let http = probe["httpGet"] { return "GET \(http["path"]?.string ?? "/")\(port(http))\(times)" }
        if let socket = probe["tcpSocket"] { return "a connection\(port(socket))\(times)" }
        return "a command\(times)"
    }
}

package struct DeploymentObject: Sendable {
    let meta: ObjectMeta
    let replicas: Int
    let selector: [String: String]
    let template: ObjectMeta
    let containers: [ContainerObject]

    init(_ meta: ObjectMeta, _ object: JSONValue) {
        self.meta = meta
        let spec = object["spec"]
        replicas = Int(spec?["replicas"]?.integer ?? 1)
        selector = texts(spec?["selector"]?["matchLabels"])
        template = spec?["template"].map(ObjectMeta.init) ?? meta
        containers = (spec?["template"]?["spec"]?["containers"]?.array ?? []).map(ContainerObject.init)
    }

    var object: String { "Deployment \(meta.reference)" }

    static func field(_ container: String, _ name: String) -> String {
        "spec.template.spec.containers[\(container)].\(name)"
    }
}

package struct PodObject: Sendable {
    struct Container: Sendable {
        var name: String
        var isReady: Bool
        var restarts: Int
        /// Why it does not run: a word of the kubelet's, and a message.
        var waiting: (reason: String, message: String)?
        var ended: (reason: String, status: Int)?
        /// Of the one that runs.
        var started: String?

        init(_ status: JSONValue) {
            // While it is started anew, what it ended with stands in its last state.
            let ended = status["state"]?["terminated"] ?? status["lastState"]?["terminated"]
            name = status["name"]?.string ?? ""
            isReady = status["ready"]?.bool ?? false
            restarts = Int(clamping: status["restartCount"]?.integer ?? 0)
            waiting = status["state"]?["waiting"].map {
                ($0["reason"]?.string ?? "", $0["message"]?.string ?? "")
            }
            self.ended = ended.map { ($0["reason"]?.string ?? "", Int(clamping: $0["exitCode"]?.integer ?? 0)) }
            started = status["state"]?["running"]?["startedAt"]?.string
        }
    }

    let meta: ObjectMeta
    let containers: [Container]
    let initContainers: [Container]
    /// Native sidecars, which are written among the init containers, are among them.
    let specification: [ContainerObject]
    let isReady: Bool
    let isEnding: Bool
    /// The scheduler's, while it finds no node.
    let unscheduled: String?

    init(_ meta: ObjectMeta, _ object: JSONValue) {
        self.meta = meta
        isEnding = object["metadata"]?["deletionTimestamp"]?.string != nil
        let sidecars = (object["spec"]?["initContainers"]?.array ?? []).filter {
            $0["restartPolicy"]?.string == "Always"
        }
        specification = ((object["spec"]?["containers"]?.array ?? []) + sidecars).map(ContainerObject.init)
        containers = (object["status"]?["containerStatuses"]?.array ?? []).map(Container.init)
        initContainers = (object["status"]?["initContainerStatuses"]?.array ?? []).map(Container.init)
        let conditions = object["status"]?["conditions"]?.array ?? []
        isReady = conditions.contains { $0["type"]?.string == "Ready" && $0["status"]?.string == "True" }
        unscheduled = conditions.first {
            $0["type"]?.string == "PodScheduled" && $0["status"]?.string == "False"
        }.map { $0["message"]?.string ?? "" }
    }

    var ports: [(name: String, number: Int)] { specification.flatMap(\.ports) }
}

/// An object's members that are texts.
func texts(_ json: JSONValue?) -> [String: String] {
    var result: [String: String] = [:]
    for member in json?.object?.members ?? [] { result[member.key] = member.value.string }
    return result
}
