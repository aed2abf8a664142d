import Events
import LoadBalancing
import LocalCluster
import Settings
import System
import Terminal
import Timing

enum UpCommand {
    static let foreground = Setting("FOREGROUND", .flag, default: false, help: "stay; Ctrl-C stops everything")

    static func run(_ context: CommandContext) async throws -> Int32 {
        var options = UpOptions(context.arguments)
        try options.readServiceConfig()
        let instance = try Instance(context.arguments)
        for warning in [options.shutdownWarning, options.listenWarning].compactMap(\.self) {
            Program.complain("warning: \(warning)")
        }
        if context.arguments[foreground] {
            context.print("Ctrl-C stops everything.")
            try await Supervision.run(instance: instance, options: options, journal: Journal(), on: context.loop)
            return 0
        }
        let began = MonotonicClock.now
        context.print("Starting \(instance.name): mode \(options.mode.name), policy \(options.policy.rawValue)")
        var launcher = Launcher(instance: instance, options: options, loop: context.loop)
        launcher.progress = { context.print("  \($0)") }
        let bound = LoopBound(launcher, on: context.loop)
        let report = try await Interruption.watching(on: context.loop) {
            try await bound.value.start()
        } cleanUp: {
            try await Stopper(instance: instance, loop: context.loop).stop()
        }
        context.print(welcome(report, instance: instance, time: MonotonicClock.now - began, paint: context.paint))
        return 0
    }

    static func welcome(_ report: StatusReport, instance: Instance, time: Duration, paint: Paint) -> String {
        let program = CommandLine.arguments.first ?? "samplectl"
        let suffix = instance.commandSuffix
        var commands = [
            ("curl \(report.entry)/go/sample", "one gRPC call; the answer names the pod"),
            ("curl \(report.entry)/go/distribution", "200 calls, and how many each pod served"),
            ("curl \(report.entry)/go/channel", "the gateway's addresses, connections and picks"),
            ("open \(report.entry)/js/", "the live page: who answers, and why"),
            ("\(program) status\(suffix)", "the pods"),
            ("\(program) logs -f\(suffix)", "what the pods print"),
            ("\(program) scale grpc=10\(suffix)", "more pods"),
            ("\(program) down\(suffix)", "the end"),
        ]
        if let service = Mode.named(report.mode)?.service {
            let look = "\(program) nslookup \(service.name)\(suffix)"
            commands.insert((look, "what the gateway's DNS look-up finds"), at: 5)
        }
        if let address = report.grpcAddress {
            commands.insert(("grpcurl -plaintext \(address) list", "what a pod serves; it tells its protos"), at: 4)
        }
        let width = commands.map(\.0.count).max() ?? 0
        let lines = commands.map { "  \(paint.bold($0.0.padded(to: width)))   \($0.1)" }
        return "Ready in \(SecondsText.format(time)).\n\n" + lines.joined(separator: "\n")
    }
}
