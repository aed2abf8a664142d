/// How far a rolling restart has come.
package struct RolloutProgress: Equatable, Sendable, CustomStringConvertible {
    /// New pods, ready and in DNS.
    package var new = 0
    /// New pods that are not so far.
    package var starting = 0
    package var old = 0
    /// Pods that serve what they have, and end.
    package var ending = 0

    package init() {}

    package init(_ report: StatusReport, component: String) {
        for pod in report.pods where pod.component == component {
            switch (pod.isEnding, pod.isOutdated) {
            case (true, _): ending += 1
            case (false, true): old += 1
            case (false, false): if pod.isAvailable { new += 1 } else { starting += 1 }
            }
        }
    }

    package var isDone: Bool { old == 0 && ending == 0 && starting == 0 }

    package var description: String {
        "\(new) new in DNS, \(starting) starting, \(old) old, \(ending) ending"
    }
}
