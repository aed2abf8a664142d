import LocalCluster
import Settings

/// `samplectl readiness POD on|off`: switches a pod's readiness, as an operator does who wants to look at it in peace.
enum ReadinessCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let on = try parse(context.arguments.operands[1])
        let control = ControlClient(try Instance(context.arguments), on: context.loop)
        let pod = try await control.podName(context.arguments.operands[0])
        try await PodReadiness.set(on, of: pod, control, on: context.loop)
        context.print(on ? "\(pod) is ready, and in DNS" : "\(pod) is not ready, and out of DNS; it runs on")
        return 0
    }

    static func parse(_ word: String) throws(UsageError) -> Bool {
        switch word {
        case "on": return true
        case "off": return false
        default: throw UsageError("'\(word)' is neither on nor off")
        }
    }
}
