import Events
import LocalCluster
import Settings
import System
import Terminal

/// `samplectl events`: the story of every gateway's channel, as one.
enum EventsCommand {
    private static let follow = Setting("FOLLOW", letter: "f", .flag, default: false, help: "go on until Ctrl-C")
    private static let last = Setting(
        "LAST", .integer(0...100_000), placeholder: "N", default: eventsBefore,
        help: "only the last N (default: all that the gateways keep; with -f \(eventsBefore))")
    static let settings: [any AnySetting] = [follow, last, OutputFormat.setting]

    static let remarks = """
        Each gateway pod is asked at its own address, not by way of nginx. It
        keeps its last \(EventFollower.mostKept) events: what changed who gets calls, and why.

        -f goes on through restarts, scaling and changes of mode; no event comes
        twice, and if some are lost, it is said.

        With -o json each line is an event as the gateway tells it: id, time,
        gateway, kind, message, and what belongs to the kind.

        Ctrl-C ends -f by the signal, so that the exit status is 130, as
        kubectl's; it is 0 when the system is stopped.
        """

    private static let eventsBefore = 10
    private static let printInterval = Duration.milliseconds(100)
    /// Every so many times, gateways are looked for.
    private static let looksEvery = 3

    static func run(_ context: CommandContext) async throws -> Int32 {
        let instance = try Instance(context.arguments)
        let follower = EventFollower(ControlClient(instance, on: context.loop), on: context.loop)
        let follows = context.arguments[follow]
        let formatter = EventFormatter(
            isJSON: context.arguments[OutputFormat.setting] == .json, paint: context.paint,
            columns: Program.Output.standard.columns)
        var problems = 0
        follower.complaint = {
            problems += 1
            Program.complain($0)
        }
        try await follower.look(follows: false)
        await follower.history()
        let wanted = context.arguments.given(last) ?? (follows ? eventsBefore : nil)
        let past = follower.take()
        guard show(wanted.map { Array(past.suffix($0)) } ?? past, formatter) else { return 0 }
        guard follows else { return past.isEmpty && problems > 0 ? 1 : 0 }
        follower.follow()
        var rounds = 0
        var supervisor = SupervisorWatch(instance)
        while StateDirectory(instance.directory).exists {
            try await context.loop.sleep(for: printInterval)
            guard show(follower.take(), formatter) else { return 0 }
            rounds += 1
            if StateDirectory(instance.directory).exists { try supervisor.check() }
            if rounds.isMultiple(of: looksEvery) { try? await follower.look() }
        }
        _ = show(follower.take(), formatter)
        return 0
    }

    /// False if the reader is gone.
    private static func show(_ events: [GatewayEvent], _ formatter: EventFormatter) -> Bool {
        let text = events.map(formatter.format).joined()
        return text.isEmpty || Program.Output.standard.write(text)
    }
}
