package import Events
import System
import Terminal
import Timing

/// A rolling restart, as whoever asked for it watches it.
package enum Rollout {
    /// Without any progress for that much longer than a pod may take to end, it is stuck.
    private static let patience = Duration.seconds(15)
    private static let pollInterval = Duration.milliseconds(30)

    /// Returns the number of pods when no old one is left. `look` gets every status on the way.
    @discardableResult
    package static func waitUntilDone(
        _ component: Component, _ control: ControlClient, on loop: EventLoop, look: (StatusReport) -> Void = { _ in },
        say: (String) -> Void
    ) async throws -> Int {
        var last = RolloutProgress()
        var deadline = Instant.distantFuture
        while true {
            let report = try await control.status()
            look(report)
            let progress = RolloutProgress(report, component: component.name)
            if progress != last {
                last = progress
                let pods = report.pods.filter { $0.component == component.name }
                deadline = MonotonicClock.now + .seconds(pods.map(\.gracePeriod).max() ?? 0) + patience
                say("  \(progress)")
            }
            if progress.isDone { return progress.new }
            if MonotonicClock.now > deadline {
                throw Failure(
                    "the restart of \(component.name) is stuck: \(progress); \(Program.name) status shows the pods")
            }
            try await loop.sleep(for: pollInterval)
        }
    }
}

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
