import Events
package import LoadBalancing
package import LocalCluster
package import Settings
import System
import Terminal
import Timing

/// `samplectl set mode=M [policy=P]`: has a running system go over to another mode, and watches it.
package enum SetCommand {
    /// Without a change of what is said about it, a stage is stuck: pods end within their grace period, 70 s and a delay.
    private static let patience = Duration.seconds(150)
    private static let pollInterval = Duration.milliseconds(30)

    package struct Wish: Equatable {
        package var mode: Mode?
        package var policy: LoadBalancingPolicyName?
    }

    static func run(_ context: CommandContext) async throws -> Int32 {
        let wish = try parse(context.arguments.operands)
        let control = ControlClient(try Instance(context.arguments), on: context.loop)
        let report = try await control.status()
        if wish.mode == nil, let change = report.change {
            throw Failure("another mode is on its way (\(change)): say mode=… as well")
        }
        guard let mode = wish.mode ?? Mode.named(report.mode) else {
            throw Failure("the system is in mode \(report.mode), which this program does not know: say mode=…")
        }
        let began = MonotonicClock.now
        try await control.changeMode(to: mode, policy: wish.policy)
        let after = try await waitUntilDone(mode, from: report.mode, control, on: context.loop) {
            context.print("  \($0)")
        }
        let time = SecondsText.format(MonotonicClock.now - began)
        context.print("mode \(after.mode), policy \(after.policy), after \(time); target \(after.target)")
        return 0
    }

    static func waitUntilDone(
        _ mode: Mode, from before: String, _ control: ControlClient, on loop: EventLoop, say: (String) -> Void
    ) async throws -> StatusReport {
        var last: String?
        var deadline = MonotonicClock.now + patience
        while true {
            let report = try await control.status()
            guard let stage = report.change else {
                guard report.mode == mode.name else { throw Failure("somebody else has set mode \(report.mode)") }
                return report
            }
            if stage != last {
                last = stage
                deadline = MonotonicClock.now + patience
                say(stage)
            }
            if MonotonicClock.now > deadline {
                let waiting = report.pods.filter { !$0.isAvailable }.map(\.name).joined(separator: ", ")
                throw Failure(
                    "the change to \(mode.name) is stuck (\(stage)); not ready: \(waiting.isEmpty ? "none" : waiting);"
                        + " \(Program.name) status and logs tell more, and set mode=\(before) goes back")
            }
            try await loop.sleep(for: pollInterval)
        }
    }

    package static func parse(_ operands: [String]) throws(UsageError) -> Wish {
        var wish = Wish()
        for operand in operands {
            let parts = operand.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw UsageError("'\(operand)' is not mode=M or policy=P") }
            switch parts[0] {
            case "mode":
                guard let mode = Mode.named(parts[1]) else {
                    throw UsageError("there is no mode '\(parts[1])'; there are: \(Mode.names)")
                }
                wish.mode = mode
            case "policy":
                guard let policy = LoadBalancingPolicyName(rawValue: parts[1]) else {
                    throw UsageError("there is no policy '\(parts[1])'; there are: \(LoadBalancingPolicyName.names)")
                }
                wish.policy = policy
            default: throw UsageError("'\(parts[0])' cannot be set; there are: mode, policy")
            }
        }
        return wish
    }
}
