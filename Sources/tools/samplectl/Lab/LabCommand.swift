import Addresses
import Events
import JSON
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
    private static let output = Setting(
        "OUTPUT", .string("FOLDER"), default: "lab-report",
        help: "where the report goes (default: lab-report); one that is there is replaced, nothing else is")
    private static let from = Setting(
        "FROM", .string("FILE"), default: "",
        help: "a report.json of before: table and folder are made of it anew, and nothing is measured")
    private static let cluster = Setting(
        "CLUSTER", .flag, default: false,
        help:
            "the release that a cluster has, in its mode, through kubectl and the NodePort; it is scaled and restarted")
    private static let kubeContext = Setting(
        "CONTEXT", .string("CONTEXT"), default: "", help: "kubectl's, with --cluster (default: its current one)")
    private static let namespace = Setting(
        "NAMESPACE", letter: "n", .string("NAMESPACE"), default: "",
        help: "of the release, with --cluster (default: the context's)")
    private static let entry = Setting(
        "ENTRY", .address, default: SocketAddress.ip(.v4(0x7f00_0001), port: 31234),
        help: "where the release's nginx is, with --cluster (default: the NodePort, on 127.0.0.1 or on a node)")
    static let settings: [any AnySetting] = [
        modes, quick, policy, port, output, from, cluster, kubeContext, namespace, entry,
    ]

    static let remarks = """
        On this machine it starts and stops systems of its own, beside one that runs. With --cluster it looks at the release
        first, says in which cluster it is about to work, and then scales it, restarts it and, where grpc.trouble is on,
        makes a pod slow, all by kubectl; in the end, and on Ctrl-C, it has as many pods as before.

        The table ends with what missed and why, or with "no misses". The folder has README.md, report.json and plots.

        The exit status is 0 if every gated figure is within its prediction's bounds, 1 if one is not or nothing could be
        tried, and 64 if the command was not understood. Latency and CPU time are never gated.

        Examples:

          samplectl lab --quick
          samplectl lab --modes headless,kubernetes --output before
          samplectl lab --cluster --context kind-kind --namespace default
          samplectl lab --from lab-report/report.json
        """

    static func run(_ context: CommandContext) async throws -> Int32 {
        try refuseMixture(context.arguments)
        let folder = LabReportFolder(context.arguments[output])
        try folder.check()
        if let path = context.arguments.given(from) { return try layOut(path, in: folder, context) }
        if context.arguments[cluster] { return try await measureCluster(in: folder, context) }
        let plan = LabPlan(
            modes: try chosenModes(context.arguments), areNamed: context.arguments.given(modes) != nil,
            isQuick: context.arguments[quick],
            policy: context.arguments.given(policy))
        let systems = try LocalSystems(
            instance: try Instance(name: "\(Instance.defaultName)-lab"), port: try choosePort(context), on: context.loop
        )
        defer { systems.release() }
        return try await measure(plan, systems, into: blank(plan, systems.place), in: folder, context)
    }

    private static func refuseMixture(_ values: SettingValues) throws(UsageError) {
        func refuse(_ setting: any AnySetting, _ isGiven: Bool, _ reason: String) throws(UsageError) {
            if isGiven { throw UsageError("\(setting.flag) \(reason)") }
        }
        for setting in [kubeContext, namespace] where values.given(setting) == "" {
            throw UsageError("\(setting.flag) is empty: whatever context kubectl has then would be worked on")
        }
        if values.given(from) != nil {
            let reason = "does not go with --from, which measures nothing"
            try refuse(modes, values.given(modes) != nil, reason)
            try refuse(policy, values.given(policy) != nil, reason)
            try refuse(port, values.given(port) != nil, reason)
            try refuse(quick, values[quick], reason)
        }
        if values[cluster] {
            let reason = "does not go with --cluster: a release is tried as it is"
            try refuse(modes, values.given(modes) != nil, reason)
            try refuse(policy, values.given(policy) != nil, reason)
            try refuse(port, values.given(port) != nil, "does not go with --cluster; --entry says where its nginx is")
            try refuse(from, values.given(from) != nil, "does not go with --cluster: it measures nothing")
        } else {
            let reason = "goes with --cluster only"
            try refuse(kubeContext, values.given(kubeContext) != nil, reason)
            try refuse(namespace, values.given(namespace) != nil, reason)
            try refuse(entry, values.given(entry) != nil, reason)
        }
    }

    /// The release that is there, in its mode.
    private static func measureCluster(in folder: LabReportFolder, _ context: CommandContext) async throws -> Int32 {
        let values = context.arguments
        let program = Launch.File.part("kubectl", remedy: "https://kubernetes.io/docs/tasks/tools")
        let systems = try await ClusterSystems.find(
            kubectl: try ProgramFinder.current.path(of: program), context: values.given(kubeContext),
            namespace: values.given(namespace), entry: values.given(entry), on: context.loop)
        let plan = LabPlan(modes: [systems.mode], isQuick: values[quick], policy: systems.policy)
        var report = blank(plan, systems.place)
        report.settings = systems.settings
        Program.complain(systems.announcement)
        return try await measure(
            plan, systems, into: report, in: folder, context, interrupted: "the release has as many pods as before")
    }

    private static func measure(
        _ plan: LabPlan, _ systems: any TrialSystems, into report: LabReport, in folder: LabReportFolder,
        _ context: CommandContext, interrupted: String = "everything is stopped"
    ) async throws -> Int32 {
        let runner = LabRunner(plan, systems, into: report, on: context.loop)
        let progress = LabProgress(steps: plan.steps, on: context.loop)
        runner.began = { progress.begin($0) }
        defer { progress.end() }
        let bound = LoopBound(runner, on: context.loop)
        do {
            try await Interruption.watching(on: context.loop, outcome: interrupted) {
                try await bound.value.run()
            } cleanUp: {
                try await systems.stop()
            }
        } catch  where runner.isComplete {
            // What was measured is not lost because something could not be put back.
            progress.end()
            _ = try conclude(runner.report, in: folder, context)
            throw error
        } catch {
            progress.end()
            showUnfinished(runner.report, of: plan, context)
            throw error
        }
        progress.end()
        return try conclude(runner.report, in: folder, context)
    }

    /// What was measured until a run was called off. It replaces no report: that one may be whole.
    private static func showUnfinished(_ report: LabReport, of plan: LabPlan, _ context: CommandContext) {
        guard !report.figures.isEmpty else { return }
        let table = LabTable(report, calledOffAfter: "\(report.modes.count) of \(plan.modes.count) modes")
        context.print(table.text(width: Program.Output.standard.columns ?? 80), terminator: "")
    }

    /// The table is seen also if the folder cannot be written any more.
    private static func conclude(_ report: LabReport, in folder: LabReportFolder, _ context: CommandContext) throws
        -> Int32
    {
        // The report of a run that came to nothing is no reason to lose one that did.
        let isEmpty = report.figures.allSatisfy { $0.value == nil }
        let written = Result { if !isEmpty { try folder.write(report) } }
        if case .success = written {
            context.print(
                isEmpty
                    ? "Nothing was measured, and no report is written.\n" : "\(folder.path)/README.md has the report.\n"
            )
        }
        context.print(LabTable(report).text(width: Program.Output.standard.columns ?? 80), terminator: "")
        try written.get()
        return report.exitStatus
    }

    /// A report of before: nothing is measured.
    private static func layOut(_ path: String, in folder: LabReportFolder, _ context: CommandContext) throws -> Int32 {
        let json: JSONValue
        do {
            json = try JSONParser.parse(FileSystem.read(path))
        } catch {
            throw Failure("\(path): \(error)")
        }
        return try conclude(LabReport(json: json), in: folder, context)
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
