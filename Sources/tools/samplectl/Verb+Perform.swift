import Events
import LocalCluster
import Settings
import Terminal

extension Verb {
    /// Whether the command deals with SIGINT and SIGTERM itself.
    var handlesSignals: Bool {
        switch self {
        case .up, .supervise, .demo, .lab: true
        case .down, .status, .events, .doctor, .nslookup, .logs, .scale, .restart, .set, .readiness, .trouble, .kill,
            .completion, .version, .explain:
            false
        }
    }

    /// Does what the verb says and returns the exit status.
    func perform(_ context: CommandContext) async throws -> Int32 {
        switch self {
        case .up: return try await UpCommand.run(context)
        case .supervise:
            try await Supervision.run(
                instance: Instance(context.arguments), options: UpOptions(context.arguments), journal: Journal(),
                on: context.loop)
            return 0
        case .down:
            let instance = try Instance(context.arguments)
            let stopped = try await Stopper(instance: instance, loop: context.loop).stop()
            context.print(
                stopped ? "\(instance.name) is stopped." : "Nothing to stop: \(instance.name) is not running.")
            return 0
        case .status: return try await StatusCommand.run(context)
        case .events: return try await EventsCommand.run(context)
        case .doctor: return try await DoctorCommand.run(context)
        case .nslookup: return try await NslookupCommand.run(context)
        case .logs: return try await LogsCommand.run(context)
        case .scale: return try await ScaleCommand.run(context)
        case .restart: return try await RestartCommand.run(context)
        case .set: return try await SetCommand.run(context)
        case .readiness: return try await ReadinessCommand.run(context)
        case .trouble: return try await TroubleCommand.run(context)
        case .kill: return try await KillCommand.run(context)
        case .demo: return try await DemoCommand.run(context)
        case .lab: return try await LabCommand.run(context)
        case .completion:
            context.print(try CompletionScript.named(context.arguments.operands[0]).text)
            return 0
        case .version:
            context.print(Main.version)
            return 0
        case .explain:
            let verb = try context.arguments.operands.first.map(Verb.named)
            context.print(verb?.syntax.help ?? Verb.help, terminator: "")
            return 0
        }
    }
}
