import Events
import Lab
import LoadBalancing
import LocalCluster
import ServiceKit
import Settings
import System
import Terminal
import Timing

/// `samplectl lab`: every mode through the same trials, each figure beside what theory predicts.
enum LabCommand {
    private static let modes = Setting(
        "MODES", .string("M,M", suggestions: Mode.all.map(\.name)), default: "",
        help: "only these (default: all): \(Mode.names)")
    private static let quick = Setting(
        "QUICK", .flag, default: false, help: "only spread, scaling and kill -9, with a shorter connection age")
    private static let policy = Setting(
        "POLICY", .choice, placeholder: "POLICY", default: Mode.headless.defaultPolicy,
        help: "in place of each mode's own, while the predictions stay the mode's: what it misses is what it costs")
    private static let port = Setting(
        "PORT", .integer(1...65535), placeholder: "PORT", default: Int(UpOptions().port),
        help: "nginx's port on 127.0.0.1 (default: 31234, or the next free one)")
    static let settings: [any AnySetting] = [modes, quick, policy, port]

    static func run(_ context: CommandContext) async throws -> Int32 {
        let plan = LabPlan(
            modes: try chosenModes(context.arguments), isQuick: context.arguments[quick],
            policy: context.arguments.given(policy))
        let systems = try LocalSystems(
            instance: try Instance(name: "\(Instance.defaultName)-lab"), port: try choosePort(context), on: context.loop
        )
        let runner = LabRunner(plan, systems, into: blank(plan, systems.place), on: context.loop)
        runner.began = { index in
            let step = plan.steps[index]
            Program.Output.error.write("\(step.mode): \(step.trial)\n")
        }
        let bound = LoopBound(runner, on: context.loop)
        try await Interruption.watching(on: context.loop) {
            try await bound.value.run()
        } cleanUp: {
            try await systems.stop()
        }
        let report = runner.report
        show(report, context)
        return report.misses.isEmpty ? 0 : 1
    }

    private static func show(_ report: LabReport, _ context: CommandContext) {
        for mode in report.modes where mode.skipped != nil {
            context.print("\(mode.mode): skipped: \(mode.skipped ?? "")")
        }
        for figure in report.figures {
            let bounds = figure.prediction.bounds
            context.print(
                "\(figure.holds ? " " : figure.isGated ? "✗" : "~") \(figure.subject) \(figure.trial) \(figure.name): "
                    + "\(figure.value.map { "\($0)" } ?? "none") in \(bounds.lowerBound)…\(bounds.upperBound):"
                    + " \(figure.prediction.because)")
        }
        context.print("\(report.misses.count) misses, \(Int(report.tookSeconds)) s")
    }

    private static func chosenModes(_ arguments: SettingValues) throws(UsageError) -> [Mode] {
        guard let text = arguments.given(modes) else { return Mode.all }
        var chosen: [Mode] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let mode = Mode.named(name) else {
                throw UsageError("there is no mode '\(name)'; there are: \(Mode.names)")
            }
            if !chosen.contains(mode) { chosen.append(mode) }
        }
        return chosen
    }

    private static func blank(_ plan: LabPlan, _ place: String) -> LabReport {
        LabReport(
            began: RFC3339.format(unixNanoseconds: WallClock.nanoseconds), version: ServiceVersion.current,
            isQuick: plan.isQuick, place: place, machine: .current, settings: plan.settings)
    }

    /// The chart's NodePort, so that what is seen can be tried by hand; if it is taken, the next one that is free.
    private static func choosePort(_ context: CommandContext) throws -> UInt16 {
        if let chosen = context.arguments.given(port) { return UInt16(chosen) }
        return try FreePort.first(from: UpOptions().port, on: context.loop)
    }
}
