/// Whether a call's way leads to every pod.
extension ClusterDiagnosis {
    /// What stands in a pod and chooses for each call.
    private static let proxies = ["istio-proxy", "linkerd-proxy", "envoy", "nginx", "haproxy", "traefik"]

    static func judge(_ path: CallPath, _ seen: ClusterObservation, reading namespace: String) -> [Finding] {
        guard let service = seen.services.first(where: { $0.meta.reference == path.reference }) else {
            guard path.namespace == namespace else { return [] }
            return [missing(path.reference, "\(path.caller.object) calls it: \(path.field) is \(path.target)", seen)]
        }
        return wrongPort(path, service, seen) + policy(path, service, seen) + age(path, service, seen)
    }

    private static func wrongPort(
        _ path: CallPath, _ service: ServiceObject, _ seen: ClusterObservation
    ) -> [Finding] {
        // An ExternalName has none, and whoever it leads to decides.
        guard path.isName, !service.ports.isEmpty, let port = path.port else { return [] }
        guard let found = service.ports.first(where: { $0.number == port }) else {
            // A headless name leads to the pods themselves, whatever the Service says of ports.
            if service.isHeadless, seen.pods(of: service).flatMap(\.ports).contains(where: { $0.number == port }) {
                return []
            }
            let known = service.ports.map { "\($0.number)" }.joined(separator: ", ")
            return [
                Finding(
                    .portUnknown,
                    "the target \(path.target) has a port that \(service.meta.name) does not have: make it one of "
                        + "\(known)",
                    evidence: ["\(service.object) has spec.ports \(known)"], object: path.caller.object,
                    field: path.field)
            ]
        }
        guard service.isHeadless, let actual = number(found.target, seen.pods(of: service)), actual != port else {
            return []
        }
        return [
            Finding(
                .portTranslated,
                "\(service.meta.name) is headless, so its port \(port) is not translated to \(actual): clients "
                    + "connect to the pods "
                    + "at \(port), where nothing listens; make port and targetPort the same, and the target's port "
                    + "with them",
                evidence: [
                    "spec.ports has port \(port), targetPort \(found.target)", "\(path.field) is \(path.target)",
                ],
                object: service.object, field: "spec.ports[\(found.name.isEmpty ? "\(port)" : found.name)].port")
        ]
    }

    static func number(_ port: PortReference, _ pods: [PodObject]) -> Int? {
        switch port {
        case .number(let number): number
        case .name(let name): pods.flatMap(\.ports).first { $0.name == name }?.number
        }
    }

    private static func policy(_ path: CallPath, _ service: ServiceObject, _ seen: ClusterObservation) -> [Finding] {
        guard path.policy == "pick_first", service.isHeadless || !path.isName else { return [] }
        let pods = seen.pods(of: service).count
        guard pods > 1, !hasProxy(path, service, seen) else { return [] }
        return [
            Finding(
                .pickFirst,
                "policy is pick_first: each client sends all its calls to one of the \(pods) pods; set round_robin",
                evidence: ["\(path.field) is \(path.target), by pick_first"], object: path.caller.object,
                field: DeploymentObject.field(path.container.name, "env[LOAD_BALANCING_POLICY]"))
        ]
    }

    /// Of servers that have our variable; others keep it in their code.
    private static func age(_ path: CallPath, _ service: ServiceObject, _ seen: ClusterObservation) -> [Finding] {
        guard path.isName, service.isHeadless, !hasProxy(path, service, seen) else { return [] }
        return seen.deployments(of: service).flatMap { deployment in
            deployment.containers.compactMap { container in
                guard let age = container.variable("MAX_CONNECTION_AGE"), ["off", "0s"].contains(age) else {
                    return nil
                }
                return Finding(
                    .ageOff,
                    "the servers end no connections, and clients look names up again only when one ends: new pods "
                        + "are found only "
                        + "when another fails; set it to 30s for instance",
                    evidence: ["MAX_CONNECTION_AGE is \(age)", "\(path.caller.object) calls \(path.target)"],
                    object: deployment.object, field: DeploymentObject.field(container.name, "env[MAX_CONNECTION_AGE]"))
            }
        }
    }

    // MARK: A virtual address

    static func kind(of service: ServiceObject, _ paths: [CallPath], _ seen: ClusterObservation) -> [Finding] {
        let pods = seen.pods(of: service)
        guard !service.isHeadless, pods.count > 1 else { return [] }
        let callers = paths.filter { $0.reference == service.meta.reference && $0.isName }
        // Without a known caller it is a fault only if there is nothing better to call.
        let hasTwin = seen.services.contains { other in
            other.isHeadless && other.meta.namespace == service.meta.namespace
                && (other.selector == service.selector || other.meta.name.hasPrefix(service.meta.name))
        }
        guard service.speaksGRPC || !callers.isEmpty, !callers.isEmpty || !hasTwin else { return [] }
        guard !callers.contains(where: { hasProxy($0, service, seen) }), !hasProxy(pods) else { return [] }
        let who = callers.map { "\($0.caller.object) calls it: \($0.field) is \($0.target)" }
        return [
            Finding(
                .notHeadless,
                "\(service.meta.name) has a virtual address, and each gRPC connection to it sticks to one of the "
                    + "\(pods.count) pods: "
                    + "make it headless (clusterIP: None; a Service's cannot be changed, so a second one) and use "
                    + "round_robin",
                evidence: ["spec.clusterIP is \(service.address ?? "not set")"] + who, object: service.object,
                field: "spec.clusterIP")
        ]
    }

    private static func hasProxy(_ path: CallPath, _ service: ServiceObject, _ seen: ClusterObservation) -> Bool {
        hasProxy(seen.pods(of: path.caller)) || hasProxy(seen.pods(of: service))
    }

    private static func hasProxy(_ pods: [PodObject]) -> Bool {
        pods.contains { pod in
            pod.specification.contains { container in
                proxies.contains { container.name.contains($0) || container.image.contains($0) }
            }
        }
    }
}
