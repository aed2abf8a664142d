package import Timing

/// What a Deployment does about the difference between the pods that are wanted and those that there are.
///
/// Pods of an earlier revision are replaced in a rolling way, as with `maxSurge: 1, maxUnavailable: 0`: a new pod comes
/// first, and once it is available an old one goes. There is no state but the pods themselves, so a rollout survives
/// crashes, a change of the number, and another rollout.
package enum Replicas {
    package struct Pod: Equatable, Sendable {
        package let name: String
        package let isWanted: Bool
        /// It is ready, and DNS names it.
        package let isAvailable: Bool
        /// Of an earlier revision.
        package let isOutdated: Bool
        package let since: Instant

        package init(name: String, isWanted: Bool, isAvailable: Bool, isOutdated: Bool, since: Instant) {
            self.name = name
            self.isWanted = isWanted
            self.isAvailable = isAvailable
            self.isOutdated = isOutdated
            self.since = since
        }
    }

    package enum Action: Equatable, Sendable {
        case create(count: Int)
        case terminate(name: String)
    }

    /// Pods in addition to those that are wanted while old ones are replaced.
    private static let surge = 1

    /// Pods that are already ending do not count.
    package static func reconcile(desired: Int, pods: [Pod]) -> [Action] {
        let wanted = pods.filter(\.isWanted)
        let current = wanted.filter { !$0.isOutdated }
        let outdated = wanted.filter(\.isOutdated)
        if outdated.isEmpty, current.count < desired { return [.create(count: desired - current.count)] }

        let room = min(desired - current.count, desired + surge - wanted.count)
        let leaving = ranked(current).prefix(max(0, current.count - desired))
        let staying = current.filter { !leaving.contains($0) }
        // Old pods may go as far as enough pods are left without those new ones that do not serve yet.
        let spare = staying.count { $0.isAvailable } + outdated.count - desired
        let replaced = ranked(outdated).prefix(max(0, spare))
        return (room > 0 ? [.create(count: room)] : []) + (leaving + replaced).map { .terminate(name: $0.name) }
    }

    /// Those that are not available go first, then the youngest, as Kubernetes' controller ranks them.
    private static func ranked(_ pods: [Pod]) -> [Pod] {
        pods.sorted { left, right in
            left.isAvailable == right.isAvailable ? left.since > right.since : !left.isAvailable
        }
    }
}
