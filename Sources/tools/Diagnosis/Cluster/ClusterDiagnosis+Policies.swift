/// Whether NetworkPolicies let calls through: a pod that none selects is open, and one rule of any of them is enough.
extension ClusterDiagnosis {
    static func policies(
        to service: ServiceObject, _ paths: [CallPath], _ seen: ClusterObservation
    ) -> [Finding] {
        guard let server = seen.deployments(of: service).first else { return [] }
        let pods = seen.pods(of: service)
        let callers = paths.filter { $0.reference == service.meta.reference }
        // Pods that somebody calls by another Service are let in for that.
        let isCalled = paths.contains { path in
            seen.services.contains { $0.meta.reference == path.reference && server.template.has($0.selector) }
        }
        guard isCalled ? !callers.isEmpty : service.speaksGRPC else { return [] }
        var findings: [Finding] = []
        for port in service.ports {
            // Where nobody listens, rules do not matter.
            guard let number = number(port.target, pods), pods.flatMap(\.ports).contains(where: { $0.number == number })
            else { continue }
            let name = pods.flatMap(\.ports).first { $0.number == number }?.name
            // Whether anybody at all gets in, where no caller is known.
            for caller in callers.isEmpty ? [nil] : callers.map(Optional.some) {
                if let caller, caller.isName, let wanted = caller.port, wanted != port.number { continue }
                findings += ingress(server, number, name, caller, seen)
                if let caller { findings += egress(server, number, name, caller, seen) }
            }
        }
        for caller in callers where caller.isName { findings += names(caller, seen) }
        return findings
    }

    private static func ingress(
        _ server: DeploymentObject, _ port: Int, _ name: String?, _ path: CallPath?, _ seen: ClusterObservation
    ) -> [Finding] {
        let pod = pod(of: server)
        let policies = seen.policies.filter { $0.selects(pod) && $0.ingress != nil }
        let peer = path.map { self.pod(of: $0.caller) }
        guard let first = policies.first,
            !policies.contains(where: { $0.lets($0.ingress ?? [], peer, port: port, named: name) })
        else { return [] }
        let who = path.map { "pods of \($0.caller.object)" } ?? "anybody"
        return [
            Finding(
                .policyForbids,
                "no rule lets \(who) in to the pods of \(server.meta.name) at port \(port), so connections get no "
                    + "answer: add a rule "
                    + "with this port, and with the caller's labels in from",
                evidence: [selected(server, by: policies)]
                    + (path.map { ["the caller's labels are \(text($0.caller.template.labels))"] } ?? []),
                object: first.object, field: "spec.ingress")
        ]
    }

    private static func egress(
        _ server: DeploymentObject, _ port: Int, _ name: String?, _ path: CallPath, _ seen: ClusterObservation
    ) -> [Finding] {
        let caller = pod(of: path.caller)
        let policies = seen.policies.filter { $0.selects(caller) && $0.egress != nil }
        guard let first = policies.first,
            !policies.contains(where: { $0.lets($0.egress ?? [], pod(of: server), port: port, named: name) })
        else { return [] }
        return [
            Finding(
                .policyForbids,
                "no rule lets the pods of \(path.caller.meta.name) out to those of \(server.meta.name) at port "
                    + "\(port), so connections "
                    + "get no answer: add a rule with this port, and with the servers' labels in to",
                evidence: [
                    selected(path.caller, by: policies),
                    "the servers' labels are \(text(server.template.labels))",
                ], object: first.object, field: "spec.egress")
        ]
    }

    /// DNS is asked before anybody is called.
    private static func names(_ path: CallPath, _ seen: ClusterObservation) -> [Finding] {
        let caller = pod(of: path.caller)
        let policies = seen.policies.filter { $0.selects(caller) && $0.egress != nil }
        let isLetOut = policies.contains { policy in
            (policy.egress ?? []).contains { rule in rule.ports?.contains { $0.has(53, named: "dns") } ?? true }
        }
        guard let first = policies.first, !isLetOut else { return [] }
        return [
            Finding(
                .policyForbids,
                "no rule lets the pods of \(path.caller.meta.name) ask DNS, so no name resolves there: add a rule "
                    + "for port 53, UDP "
                    + "and TCP",
                evidence: [selected(path.caller, by: policies), "\(path.field) is \(path.target)"],
                object: first.object, field: "spec.egress")
        ]
    }

    /// As one would be.
    private static func pod(of deployment: DeploymentObject) -> ObjectMeta {
        var pod = deployment.template
        pod.namespace = deployment.meta.namespace
        return pod
    }

    private static func selected(_ deployment: DeploymentObject, by policies: [NetworkPolicyObject]) -> String {
        let names = policies.map(\.meta.name).joined(separator: ", ")
        return "the pods of \(deployment.object) are selected by \(names)"
    }
}
