import Timing

/// What keeps a Deployment's pods from being ready.
extension ClusterDiagnosis {
    private static let imageReasons: Set = [
        "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
    ]

    static func pods(of deployment: DeploymentObject, _ seen: ClusterObservation) -> [Finding] {
        let services = seen.services.filter { service in
            seen.deployments(of: service).contains { $0.meta.reference == deployment.meta.reference }
        }
        guard deployment.replicas > 0 else { return services.isEmpty ? [] : [noPods(of: deployment, services)] }
        let pods = seen.pods(of: deployment).filter { !$0.isReady && !$0.isEnding }
        let unscheduled = pods.filter { $0.unscheduled != nil }
        let scheduled = pods.filter { $0.unscheduled == nil }
        var findings: [Finding] = []
        if !unscheduled.isEmpty {
            findings.append(
                Finding(
                    .unschedulable,
                    "no node takes \(TargetDiagnosis.count(unscheduled.count, "pod")) of \(deployment.meta.name): "
                        + "ask for less "
                        + "(resources.requests), add a node, or look at node selectors, taints and topology spread",
                    evidence: unscheduled.map { "\($0.meta.name): \($0.unscheduled ?? "")" }, object: deployment.object,
                    field: "spec.template.spec"))
        }
        for container in deployment.containers {
            findings += judge(container, of: deployment, scheduled, at: seen.time)
        }
        return findings
    }

    /// In every rollout there are pods that have just started.
    private static func isYoung(
        _ status: PodObject.Container, _ container: ContainerObject, at time: Int64?
    ) -> Bool {
        guard let time, let started = status.started.flatMap(RFC3339.parse) else { return false }
        return .nanoseconds(time) - .nanoseconds(started) < container.grace
    }

    private static func noPods(of deployment: DeploymentObject, _ services: [ServiceObject]) -> Finding {
        Finding(
            .noPods, "\(deployment.meta.name) has no pod, because none is wanted: set the replicas to 1 or more",
            evidence: ["it is to serve " + services.map(\.object).joined(separator: ", ")], object: deployment.object,
            field: "spec.replicas")
    }

    private static func judge(
        _ container: ContainerObject, of deployment: DeploymentObject, _ pods: [PodObject], at time: Int64?
    ) -> [Finding] {
        var image: [String] = []
        var crashes: [String] = []
        var unready: [String] = []
        for pod in pods {
            guard let status = pod.containers.first(where: { $0.name == container.name }), !status.isReady else {
                continue
            }
            if let waiting = status.waiting, imageReasons.contains(waiting.reason) {
                image.append("\(pod.meta.name): \(waiting.reason): \(waiting.message.prefix(200))")
            } else if let ended = status.ended, status.restarts > 0 || status.waiting?.reason == "CrashLoopBackOff" {
                crashes.append(
                    "\(pod.meta.name): \(TargetDiagnosis.count(status.restarts, "restart")), the last run ended with "
                        + "status "
                        + "\(ended.status) (\(ended.reason))")
            } else if status.waiting == nil, status.ended == nil, !isYoung(status, container, at: time) {
                unready.append(pod.meta.name)
            }
        }
        func field(_ name: String) -> String { DeploymentObject.field(container.name, name) }
        var findings: [Finding] = []
        if !image.isEmpty {
            findings.append(
                Finding(
                    .imageMissing,
                    "the image \(container.image) cannot be had: correct its name or tag, load it into the nodes "
                        + "(kind load), or "
                        + "give imagePullSecrets; the pods of the revision before go on, if there are any",
                    evidence: image, object: deployment.object, field: field("image")))
        }
        if !crashes.isEmpty {
            findings.append(
                Finding(
                    .crashes,
                    "\(container.name) ends again and again: its last lines say why (kubectl logs --previous POD), "
                        + "mostly a "
                        + "setting in env or args, a missing file, or a liveness probe",
                    evidence: crashes, object: deployment.object, field: field("env")))
        }
        if !unready.isEmpty {
            let probe = container.readinessProbe
            findings.append(
                Finding(
                    .readinessFails,
                    "\(container.name) runs and is not ready, so no Service has its pod: the readiness probe "
                        + (probe.map {
                            "(\($0)) fails; it asks the wrong port or path, or the server says that it does not serve"
                        }
                            ?? "is not this container's"),
                    evidence: [
                        "\(unready.count) of \(TargetDiagnosis.count(deployment.replicas, "pod")) not ready: "
                            + TargetDiagnosis.names(Set(unready))
                    ], object: deployment.object, field: field("readinessProbe")))
        }
        return findings
    }
}
