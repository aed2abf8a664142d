/// Services that lead nowhere for a reason that nothing else has told: what their pods, of whatever kind, wait for.
extension ClusterDiagnosis {
    private static let mostPods = 5

    /// What says by itself why a Service has no endpoint.
    private static let reasons: Set<FindingID> = [
        .selectsNothing, .noPods, .targetPortUnknown, .readinessFails, .imageMissing, .crashes, .unschedulable,
    ]

    static func endpoints(of service: ServiceObject, _ seen: ClusterObservation, told: [Finding]) -> [Finding] {
        guard !service.selector.isEmpty, seen.readyEndpoints[service.meta.reference, default: 0] == 0 else { return [] }
        let objects = Set([service.object] + seen.deployments(of: service).map(\.object))
        let isTold = told.contains { reasons.contains($0.id) && $0.object.map(objects.contains) ?? false }
        return isTold ? [] : [noEndpoints(of: service, seen)]
    }

    private static func noEndpoints(of service: ServiceObject, _ seen: ClusterObservation) -> Finding {
        let pods = seen.pods(of: service).filter { !$0.isEnding }
        let more = pods.count - mostPods
        let words = pods.prefix(mostPods).map { "\($0.meta.name): \(waits($0))" }
        return Finding(
            .noEndpoints,
            "\(service.meta.name) has no ready endpoint, so calls to it reach nobody: "
                + (pods.isEmpty
                    ? "a quota or an admission rule may keep pods from being made; kubectl describe replicaset tells it"
                    : "what its pods wait for says whose setting it is; kubectl describe pod tells more"),
            evidence: pods.isEmpty
                ? ["no pod was made: kubectl describe replicaset"] : words + (more > 0 ? ["and \(more) more"] : []),
            object: service.object, field: "spec.selector")
    }

    /// The first thing that keeps a pod from being ready: init containers run before all others.
    private static func waits(_ pod: PodObject) -> String {
        if let reason = pod.unscheduled { return "no node takes it: \(reason)" }
        if pod.isReady { return "ready, and in no EndpointSlice" }
        for (kind, containers) in [("init container", pod.initContainers), ("container", pod.containers)] {
            for container in containers where !container.isReady {
                if let words = waits(container) { return "\(kind) \(container.name): \(words)" }
            }
        }
        return pod.containers.isEmpty ? "no container of it was started" : "runs, and is not ready"
    }

    /// nil: it runs.
    private static func waits(_ container: PodObject.Container) -> String? {
        let ended = container.ended.map { "the last run ended with status \($0.status) (\($0.reason))" }
        guard let waiting = container.waiting else { return ended }
        return [waiting.reason, waiting.message, ended ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
