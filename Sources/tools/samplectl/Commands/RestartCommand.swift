import Events
import System
import Timing

/// `samplectl restart COMPONENT`: asks for a rolling restart and watches it.
enum RestartCommand {
    /// Without any progress for that much longer than a pod may take to end, it is stuck.
    private static let patience = Duration.seconds(15)
    private static let pollInterval = Duration.milliseconds(30)

    static func run(_ context: CommandContext) async throws -> Int32 {
        let component = try Component.required(context.arguments.operands[0])
        try component.checkCanRoll()
        let control = ControlClient(try Instance(context.arguments), on: context.loop)
        let began = MonotonicClock.now
        try await control.restart(component.name)
        let count = try await waitUntilDone(component, control, on: context.loop) { context.print($0) }
        let time = SecondsText.format(MonotonicClock.now - began)
        context.print("\(component.deployment) restarted: \(count) new pods in \(time)")
        return 0
    }

    /// Returns the number of pods when no old one is left. `look` gets every status on the way.
    @discardableResult
    static func waitUntilDone(
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
                throw Failure("the restart of \(component.name) is stuck: \(progress); samplectl status shows the pods")
            }
            try await loop.sleep(for: pollInterval)
        }
    }
}
