/// From a cluster's objects to what keeps calls from pods: each finding names the object and the field. Pure.
package enum ClusterDiagnosis {
    /// `namespace`: the one that was read, and what others have is not known. `target`: only the Service that it means,
    /// from a pod of that namespace.
    package static func findings(
        _ seen: ClusterObservation, target: String? = nil, namespace: String = "default"
    ) -> [Finding] {
        let wanted = target.flatMap { ServiceName($0, in: namespace) }
        let paths = CallPath.all(in: seen).filter { path in
            wanted.map { path.service == $0.service && path.namespace == $0.namespace } ?? true
        }
        var findings: [Finding] = []
        let services = seen.services.filter { service in
            wanted.map { service.meta.name == $0.service && service.meta.namespace == $0.namespace }
                ?? !service.selector.isEmpty
        }
        if let wanted, services.isEmpty, wanted.namespace == namespace {
            findings.append(missing("\(wanted.namespace)/\(wanted.service)", "it is the target's", seen))
        }
        for service in services { findings += judge(service, seen) + kind(of: service, paths, seen) }
        for path in paths { findings += judge(path, seen, reading: namespace) }
        let deployments = seen.deployments.filter { deployment in
            wanted == nil
                || services.contains {
                    $0.meta.namespace == deployment.meta.namespace && deployment.template.has($0.selector)
                }
        }
        findings += deployments.flatMap { pods(of: $0, seen) }
        for service in services { findings += policies(to: service, paths, seen) }
        for service in services { findings += endpoints(of: service, seen, told: findings) }
        var told: Set<Finding> = []
        return findings.filter { told.insert($0).inserted }
    }

    package static func facts(_ seen: ClusterObservation) -> [DoctorReport.Fact] {
        let services = seen.services.filter { !$0.selector.isEmpty }
        let texts = services.map { service in
            let ready = seen.readyEndpoints[service.meta.reference] ?? 0
            return "\(service.meta.name) (\(service.isHeadless ? "headless" : "virtual address"), \(ready) ready)"
        }
        let calls = CallPath.all(in: seen).map { path in
            "\(path.caller.meta.name) calls \(path.target)" + (path.policy.map { " by \($0)" } ?? "")
        }
        return [
            .init("services", texts.isEmpty ? "none with a selector" : texts.joined(separator: ", ")),
            .init(
                "pods",
                "\(seen.pods.count { $0.isReady }) of \(seen.pods.count) ready, of "
                    + TargetDiagnosis.count(seen.deployments.count, "Deployment")),
            .init("calls", calls.isEmpty ? "no container's variable has a gRPC target" : calls.joined(separator: "; ")),
            .init(
                "policies",
                seen.policies.count == 1 ? "1 NetworkPolicy" : "\(seen.policies.count) NetworkPolicies"),
        ]
    }

    // MARK: A Service

    private static func judge(_ service: ServiceObject, _ seen: ClusterObservation) -> [Finding] {
        if service.selector.isEmpty { return [] }
        guard seen.pods(of: service).isEmpty else { return ports(of: service, seen) }
        // What keeps pods of a Deployment from being there, is said of the Deployment.
        guard seen.deployments(of: service).isEmpty else { return [] }
        return [
            Finding(
                .selectsNothing,
                "the selector of \(service.meta.name) matches no pod, so the Service has no endpoint: make it the "
                    + "labels of the "
                    + "pods (spec.template.metadata.labels of their Deployment)",
                evidence: ["spec.selector is \(text(service.selector))"] + nearest(service, seen),
                object: service.object,
                field: "spec.selector")
        ]
    }

    /// Whose labels differ least.
    private static func nearest(_ service: ServiceObject, _ seen: ClusterObservation) -> [String] {
        let candidates = seen.deployments.filter { $0.meta.namespace == service.meta.namespace }.map { deployment in
            (deployment, service.selector.filter { deployment.template.labels[$0.key] != $0.value })
        }
        // With more than half of it different, it is somebody else's.
        let close = candidates.filter { $0.1.count * 2 <= service.selector.count }
        guard let least = close.map(\.1.count).min() else { return [] }
        return close.filter { $0.1.count == least }.flatMap { deployment, differences in
            differences.sorted { $0.key < $1.key }.map { key, value in
                let own = deployment.template.labels[key].map { "is \($0)" } ?? "is not set"
                return "\(key) is \(value) in the selector and \(own) in \(deployment.object)"
            }
        }
    }

    private static func ports(of service: ServiceObject, _ seen: ClusterObservation) -> [Finding] {
        let declared = seen.pods(of: service).flatMap(\.ports)
        let known = Set(declared.map { $0.name.isEmpty ? "\($0.number)" : "\($0.name) (\($0.number))" }).sorted()
            .joined(separator: ", ")
        return service.ports.compactMap { port in
            let field = "spec.ports[\(port.name.isEmpty ? "\(port.number)" : port.name)].targetPort"
            switch port.target {
            case .name(let name):
                guard !declared.contains(where: { $0.name == name }) else { return nil }
                return Finding(
                    .targetPortUnknown,
                    "no container has a port called \"\(name)\", so the Service has no endpoint for its port "
                        + "\(port.number): name "
                        + "one that there is, or give its number",
                    evidence: ["the pods' ports are \(known.isEmpty ? "not declared" : known)"], object: service.object,
                    field: field)
            case .number(let number):
                guard !declared.isEmpty, !declared.contains(where: { $0.number == number }) else { return nil }
                return Finding(
                    .targetPortUndeclared,
                    "no container declares port \(number), and probably none listens there, so connections are "
                        + "refused: make it "
                        + "the port on which the server listens",
                    evidence: ["the pods' ports are \(known)"], object: service.object, field: field)
            }
        }
    }

    // MARK: Words

    static func text(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    static func missing(_ reference: String, _ why: String, _ seen: ClusterObservation) -> Finding {
        let names = seen.services.map(\.meta.reference).sorted().joined(separator: ", ")
        return Finding(
            .serviceMissing,
            "there is no such Service, so its name does not resolve: correct the name or the namespace, or create it",
            evidence: [why, "there are: \(names.isEmpty ? "none" : names)"], object: "Service \(reference)",
            field: "metadata.name")
    }
}
