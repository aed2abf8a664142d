package import JSON
package import Timing

/// The grpc pods of a cluster, read again and again. Pure.
package struct ClusterPods {
    /// When this machine first saw a pod ready.
    private var seenReady: [String: Instant] = [:]

    package init() {}

    /// `list` is kubectl's, of the grpc pods alone. `now` is read on both clocks before it was asked for.
    package mutating func read(_ list: JSONValue, at now: Instant, wall: Int64) -> [TrialPod] {
        (list["items"]?.array ?? []).compactMap { pod in
            let status = pod["status"]
            // One that was evicted, or is done, stays in the list and is none of them any more.
            let phase = status?["phase"]?.string ?? ""
            guard let name = pod["metadata"]?["name"]?.string, !["Failed", "Succeeded"].contains(phase) else {
                return nil
            }
            let ready = status?["conditions"]?.array?.first { $0["type"]?.string == "Ready" }
            var since: Instant?
            if ready?["status"]?.string == "True" {
                let seen = seenReady[name] ?? now
                seenReady[name] = seen
                since =
                    ready?["lastTransitionTime"]?.string.flatMap(RFC3339.parse)
                    .map { ClusterPods.moment($0, now, wall) } ?? seen
                // It is told in whole seconds, by a clock of its own: what was seen is not later than what is.
                since = min(since ?? seen, seen)
            } else {
                seenReady[name] = nil
            }
            return TrialPod(
                name: name, address: "\(status?["podIP"]?.string ?? ""):8080", readySince: since,
                isEnding: pod["metadata"]?["deletionTimestamp"]?.string != nil)
        }
    }

    /// A time of the calendar on the monotonic clock.
    private static func moment(_ time: Int64, _ now: Instant, _ wall: Int64) -> Instant {
        now + .nanoseconds(time.subtractingReportingOverflow(wall).partialValue)
    }

    /// Whether a rollout is over: every pod is of the last template, available, and no other is left.
    package static func isRolledOut(_ deployment: JSONValue, pods: Int) -> Bool {
        let (spec, status) = (deployment["spec"], deployment["status"])
        guard let generation = deployment["metadata"]?["generation"]?.integer,
            let observed = status?["observedGeneration"]?.integer, observed >= generation,
            let wanted = spec?["replicas"]?.integer
        else { return false }
        let counts = ["replicas", "updatedReplicas", "availableReplicas"].map { status?[$0]?.integer ?? 0 }
        return counts.allSatisfy { $0 == wanted } && pods == wanted
    }
}
