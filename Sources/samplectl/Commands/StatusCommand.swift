enum StatusCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let report = try await ControlClient(Instance(context.arguments), on: context.loop).status()
        context.print(report.table.text)
        context.print("mode \(report.mode), policy \(report.policy), gateway's target \(report.target)")
        context.print("entry \(report.entry), DNS \(report.dns)\(report.isStopping ? ", stopping" : "")")
        return 0
    }
}
