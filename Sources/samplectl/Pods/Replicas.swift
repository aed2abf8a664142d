package import Timing

/// What a Deployment does about the difference between the pods that are wanted and those that there are.
package enum Replicas {
    package struct Pod: Equatable, Sendable {
        package let name: String
        package let isWanted: Bool
        package let isReady: Bool
        package let since: Instant

        package init(name: String, isWanted: Bool, isReady: Bool, since: Instant) {
            self.name = name
            self.isWanted = isWanted
            self.isReady = isReady
            self.since = since
        }
    }

    package enum Action: Equatable, Sendable {
        case create(count: Int)
        case terminate(name: String)
    }

    /// Pods that are already ending do not count. Of too many, those that are not ready go first, then the youngest, as
    /// Kubernetes' controller ranks them.
    package static func reconcile(desired: Int, pods: [Pod]) -> [Action] {
        let wanted = pods.filter(\.isWanted)
        if wanted.count < desired { return [.create(count: desired - wanted.count)] }
        let ranked = wanted.sorted { left, right in
            left.isReady == right.isReady ? left.since > right.since : !left.isReady
        }
        return ranked.prefix(wanted.count - desired).map { .terminate(name: $0.name) }
    }
}
