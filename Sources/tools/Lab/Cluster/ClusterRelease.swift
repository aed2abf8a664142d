package import JSON
import LoadBalancing
import LocalCluster
package import Terminal
import Timing

/// The sample's release in a namespace of a cluster, as its Deployments and Services tell it. Pure.
package struct ClusterRelease: Equatable, Sendable {
    /// What `kubectl get` is asked for.
    package static let kinds = "deployments.apps,services,horizontalpodautoscalers.autoscaling"

    /// Of the grpc pods.
    package let deployment: String
    package let gateway: String
    package let replicas: Int
    /// Labels that the grpc pods have and no others, as `kubectl get -l` takes them.
    package let selector: String
    package let gatewaySelector: String
    package let setup: TrialSetup
    /// Of the entry; nil without one.
    package let nodePort: UInt16?
    /// Pods can be made slow.
    package let hasTrouble: Bool

    /// `list` is of `kinds`. Throws what the lab cannot work on, and what to do about it.
    package init(_ list: JSONValue, namespace: String) throws(Failure) {
        let objects = list["items"]?.array ?? []
        let ours = objects.filter { ClusterRelease.label($0, "part-of") == "sample-service" }
        func find(_ kind: String, _ component: String) -> [JSONValue] {
            ours.filter { $0["kind"]?.string == kind && ClusterRelease.label($0, "component") == component }
        }
        let servers = find("Deployment", "grpc")
        guard let grpc = servers.first, let name = ClusterRelease.name(grpc) else {
            throw Failure(
                "namespace \(namespace) has no Deployment of sample-service's grpc pods: install the chart (make deploy),"
                    + " or name the namespace with -n")
        }
        guard servers.count == 1 else {
            let names = servers.compactMap(ClusterRelease.name).joined(separator: ", ")
            throw Failure(
                "namespace \(namespace) has several releases (\(names)), and which one to work on cannot be told")
        }
        guard let gatewayObject = find("Deployment", "gateway").first, let gateway = ClusterRelease.name(gatewayObject)
        else { throw Failure("namespace \(namespace) has no Deployment of sample-service's gateway") }
        let gateways = gatewayObject["spec"]?["replicas"]?.integer ?? 1
        let loops = ClusterRelease.environment(of: gatewayObject)["EVENT_LOOPS"] ?? "1"
        guard gateways == 1, loops == "1" else {
            throw Failure(
                "\(gateway) has \(gateways) pods with \(loops) event loops, and each has connections of its own: the lab's"
                    + " figures are of one (--set gateway.replicas=1)")
        }
        let scalers = objects.filter {
            $0["kind"]?.string == "HorizontalPodAutoscaler"
                && [name, gateway].contains($0["spec"]?["scaleTargetRef"]?["name"]?.string)
        }
        if let scaler = scalers.first.flatMap(ClusterRelease.name) {
            throw Failure(
                "HorizontalPodAutoscaler \(scaler) decides how many pods there are: install the chart without it for the"
                    + " lab (autoscaling.enabled=false of grpc and gateway)")
        }
        deployment = name
        self.gateway = gateway
        replicas = grpc["spec"]?["replicas"]?.integer.flatMap { Int(exactly: $0) } ?? 1
        selector = ClusterRelease.selector(of: grpc)
        gatewaySelector = ClusterRelease.selector(of: gatewayObject)
        let settings = ClusterRelease.environment(of: grpc)
        hasTrouble = ["on", "true", "1", "yes"].contains(settings["TROUBLE"]?.lowercased() ?? "")
        nodePort = find("Service", "nginx").first?["spec"]?["ports"]?.array?.lazy
            .compactMap { $0["nodePort"]?.integer }.first.flatMap { UInt16(exactly: $0) }
        let prefix = name.hasSuffix("-grpc") ? String(name.dropLast("-grpc".count)) : name
        setup = try ClusterRelease.setup(
            gateway: ClusterRelease.environment(of: gatewayObject), grpc: settings, prefix: prefix,
            isMeshed: ClusterRelease.isMeshed(gatewayObject))
    }

    /// What kubectl is told.
    func scaling(to count: Int) -> [String] { ["scale", "deployment/\(deployment)", "--replicas=\(count)"] }

    // MARK: What its pods were told

    private static func setup(
        gateway: [String: String], grpc: [String: String], prefix: String, isMeshed: Bool
    ) throws(Failure) -> TrialSetup {
        let target = gateway["GRPC_TARGET"] ?? ""
        guard !isMeshed, let mode = mode(of: target, prefix) else {
            throw Failure(
                "the gateway's target is '\(target)'\(isMeshed ? ", with a mesh's proxy beside it" : ""): the lab has no"
                    + " predictions for that; its modes are \(Mode.names)")
        }
        let policy = gateway["LOAD_BALANCING_POLICY"].flatMap(LoadBalancingPolicyName.init(rawValue:))
        var setup = TrialSetup(
            mode: mode, policy: policy, connectionAge: grpc["MAX_CONNECTION_AGE"].flatMap(DurationText.parse),
            dnsInterval: gateway["DNS_MIN_RESOLUTION_INTERVAL"].flatMap(DurationText.parse) ?? .seconds(30),
            dnsTTL: coreDNSTTL)
        let delay = grpc["SHUTDOWN_DELAY"].flatMap(DurationText.parse) ?? .zero
        setup.shutdownDelay = delay
        setup.lookupInterval = lookupInterval(mode, setup.dnsInterval)
        // The chart has pods go on for as long as a cache may name them, and for one interval more.
        if let interval = setup.lookupInterval { setup.dnsCache = max(.zero, delay - interval) }
        // Times of conditions are whole seconds.
        setup.clock = .seconds(1)
        setup.isOlder = true
        return setup
    }

    /// What kubeadm's CoreDNS says of the cluster's names.
    private static let coreDNSTTL = 30

    /// files/envoy.yaml says 1 s; files/nginx-start.sh says 10 s, and nginx counts whole seconds. nil: nobody looks.
    private static func lookupInterval(_ mode: Mode, _ gateway: Duration) -> Duration? {
        switch mode {
        case .headless: gateway
        case .envoy, .envoySidecar: .seconds(1)
        case .nginx: .seconds(12)
        default: nil
        }
    }

    /// By the names that the chart gives its Services.
    private static func mode(of target: String, _ prefix: String) -> Mode? {
        let parts = target.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "kubernetes": return .kubernetes
        case "etcd": return .etcd
        case "consul": return .consul
        case "ipv4": return parts[1].hasPrefix("127.0.0.1:") ? .envoySidecar : nil
        case "dns":
            let host = parts[1].split(separator: "/").last?.prefix { $0 != ":" && $0 != "." } ?? ""
            let modes = ["grpc": Mode.clusterIP, "grpc-headless": .headless, "envoy": .envoy, "nginx-grpc": .nginx]
            return modes.first { host == "\(prefix)-\($0.key)" }?.value
        default: return nil
        }
    }

    private static func isMeshed(_ deployment: JSONValue) -> Bool {
        let template = deployment["spec"]?["template"]
        let annotations = template?["metadata"]?["annotations"]
        return annotations?["linkerd.io/inject"]?.string == "enabled"
            || annotations?["sidecar.istio.io/inject"]?.string == "true"
            || template?["metadata"]?["labels"]?["sidecar.istio.io/inject"]?.string == "true"
    }

    private static func environment(of deployment: JSONValue) -> [String: String] {
        let container = deployment["spec"]?["template"]?["spec"]?["containers"]?.array?.first
        let variables = container?["env"]?.array ?? []
        return variables.reduce(into: [:]) { result, variable in
            if let name = variable["name"]?.string, let value = variable["value"]?.string { result[name] = value }
        }
    }

    private static func selector(of deployment: JSONValue) -> String {
        let labels = deployment["spec"]?["selector"]?["matchLabels"]?.object?.members ?? []
        return labels.compactMap { member in member.value.string.map { "\(member.key)=\($0)" } }.joined(separator: ",")
    }

    private static func name(_ object: JSONValue) -> String? { object["metadata"]?["name"]?.string }

    private static func label(_ object: JSONValue, _ name: String) -> String? {
        object["metadata"]?["labels"]?["app.kubernetes.io/\(name)"]?.string
    }
}
