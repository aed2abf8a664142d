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
