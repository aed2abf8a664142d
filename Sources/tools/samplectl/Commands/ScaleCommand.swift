import Bytes
import LocalCluster
import Settings

enum ScaleCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let (component, count) = try parse(context.arguments.operands[0])
        try await ControlClient(Instance(context.arguments), on: context.loop).scale(component.name, to: count)
        context.print("\(component.deployment) scaled to \(count)")
        return 0
    }

    static func parse(_ operand: String) throws(UsageError) -> (Component, Int) {
        let parts = operand.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw UsageError("'\(operand)' is not COMPONENT=N, such as grpc=10") }
        let component = try Component.required(parts[0])
        guard let count = Decimal.number(parts[1].utf8.span), (0...component.mostReplicas).contains(count) else {
            throw UsageError("\(component.name) can have 0 to \(component.mostReplicas) pods, not '\(parts[1])'")
        }
        return (component, count)
    }
}
