import LocalCluster
import Settings

enum KillCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let pod = context.arguments.operands[0]
        guard pod.utf8.allSatisfy(\.isLabelByte) else {
            throw UsageError("'\(pod)' is not the name of a pod; samplectl status lists them")
        }
        let pid = try await ControlClient(Instance(context.arguments), on: context.loop).kill(pod)
        context.print("process \(pid) of \(pod) is killed")
        return 0
    }
}
