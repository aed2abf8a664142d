import Events
import LocalCluster
import Settings
import System
import Terminal
import Timing

/// `samplectl restart COMPONENT`: asks for a rolling restart and watches it.
enum RestartCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let component = try Component.required(context.arguments.operands[0])
        try component.checkCanRoll()
        let control = ControlClient(try Instance(context.arguments), on: context.loop)
        let began = MonotonicClock.now
        try await control.restart(component.name)
        let count = try await Rollout.waitUntilDone(component, control, on: context.loop) { context.print($0) }
        let time = SecondsText.format(MonotonicClock.now - began)
        context.print("\(component.deployment) restarted: \(count) new pods in \(time)")
        return 0
    }
}
