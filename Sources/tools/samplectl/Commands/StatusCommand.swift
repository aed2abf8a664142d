import LocalCluster
import Terminal

enum StatusCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let report = try await ControlClient(Instance(context.arguments), on: context.loop).status()
        context.print(report.table.text)
        context.print("mode \(report.mode), policy \(report.policy), gateway's target \(report.target)")
        let cache = report.dnsCache.map { ", its cache \($0)" } ?? ""
        let entry = report.entry + (report.isOpen ? " (nginx listens on \(report.listen))" : "")
        context.print("entry \(entry), DNS \(report.dns)\(cache)\(report.isStopping ? ", stopping" : "")")
        if let address = report.grpcAddress { context.print("gRPC, for instance: grpcurl -plaintext \(address) list") }
        return 0
    }
}
