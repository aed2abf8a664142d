import LocalCluster
import Settings

enum KillCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let control = ControlClient(try Instance(context.arguments), on: context.loop)
        let pod = try await control.podName(context.arguments.operands[0])
        let pid = try await control.kill(pod)
        context.print("process \(pid) of \(pod) is killed")
        return 0
    }
}
