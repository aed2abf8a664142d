import Events
import LocalCluster
import Settings
import System
import Terminal
import Timing

/// Shows the pods' logs as one, by time, as stern does.
enum LogsCommand {
    static let follow = Setting("FOLLOW", letter: "f", .flag, default: false, help: "go on until Ctrl-C")
    static let since = Setting(
        "SINCE", .pastTime, default: 0, help: "only lines since then: 5m, or 2023-11-24T07:30:45Z")
    static let tail = Setting(
        "TAIL", .integer(0...1_000_000), placeholder: "N", default: linesBefore,
        help: "only the last N lines of each log (default: all; with -f \(linesBefore))")
    static let timestamps = Setting(
        "TIMESTAMPS", .flag, default: false, help: "each line's time before it, also of lines that say none")
    static let settings: [any AnySetting] = [follow, since, tail, timestamps, OutputFormat.setting]

    static let remarks = """
        Without a name, all pods; dnsmasq, dnsmasq-cache and supervisor have
        logs, too. A part of a pod's name will do, if no other pod has it. Lines
        are in the order of their times; one without a time stays with the line
        before it.

        With -o json each line is an object: time, pod, component, container (of
        a sidecar), and line, or members if the line is an object itself.

        Ctrl-C ends -f by the signal, so that the exit status is 130, as
        kubectl's; it is 0 when the system is stopped.

        Example: samplectl logs gateway grpc --since 5m
        """

    private static let pollInterval = Duration.milliseconds(100)
    /// Of each pod, before following begins.
    private static let linesBefore = 10
    /// Then other logs are looked at again, while one of them never ends.
    private static let mostLinesAtOnce = 10_000

    static func run(_ context: CommandContext) async throws -> Int32 {
        let instance = try Instance(context.arguments)
        let directory = StateDirectory(instance.directory)
        guard directory.exists else { throw Failure("\(instance.name) is not running, and has no logs") }
        var logs = Logs(context, directory)
        let follows = context.arguments[follow]
        try logs.look(isFirst: true)
        guard follows else {
            while try logs.show(atEnd: true) {}
            return 0
        }
        var supervisor = SupervisorWatch(instance)
        while directory.exists {
            while try logs.show(atEnd: false) {}
            if logs.readerIsGone { return 0 }
            if directory.exists { try supervisor.check() }
            try await context.loop.sleep(for: pollInterval)
            try logs.look(isFirst: false)
        }
        return 0
    }

    /// Those that are being shown.
    private struct Logs {
        private let directory: StateDirectory
        private let selection: LogSelection
        private let since: Int64
        private let tail: Int?
        private let follows: Bool
        private let formatter: LogFormatter
        private var merge = LogMerge()
        private(set) var readerIsGone = false

        init(_ context: CommandContext, _ directory: StateDirectory) {
            let arguments = context.arguments
            self.directory = directory
            selection = LogSelection(arguments.operands)
            since = arguments.given(LogsCommand.since) ?? .min
            follows = arguments[LogsCommand.follow]
            let usual = follows && arguments.given(LogsCommand.since) == nil ? LogsCommand.linesBefore : nil
            tail = arguments.given(LogsCommand.tail) ?? usual
            formatter = LogFormatter(
                isJSON: arguments[OutputFormat.setting] == .json, showsTimes: arguments[LogsCommand.timestamps],
                paint: context.paint)
        }

        /// Finds logs that are new. Those of pods that came later are shown from their beginning.
        mutating func look(isFirst: Bool) throws {
            let names = ((try? FileSystem.names(in: directory.logs)) ?? []).filter { $0.hasSuffix(".log") }
            let logs = names.map { LogName(String($0.dropLast(4))) } + [LogName(LogsCommand.supervisor)]
            let chosen: Set<LogName>
            do throws(UnknownLog) {
                chosen = try selection.chosen(from: logs)
            } catch {
                // Whoever follows has waited for pods before.
                if follows, error.isComponent || !isFirst { return }
                throw Failure("\(error)")
            }
            let known = Set(merge.names)
            for name in logs where chosen.contains(name) && !known.contains(name) {
                let path = name.text == LogsCommand.supervisor ? directory.journal : directory.log(of: name.text)
                merge.add(
                    LogSource(
                        name, path: path, tail: isFirst ? tail : nil,
                        missed: { bytes in
                            Program.complain(
                                "\(name.text): \(bytes) bytes were rotated away before they could be shown")
                        }))
            }
        }

        /// Shows some of what there is; false if that was all.
        mutating func show(atEnd: Bool) throws -> Bool {
            merge.refill(atEnd: atEnd)
            var output: [UInt8] = []
            var count = 0
            while count < LogsCommand.mostLinesAtOnce, let record = merge.next(atEnd: atEnd) {
                count += 1
                if record.order < since { continue }
                formatter.append(record, to: &output)
                if output.count > 64 * 1024, !flush(&output) { return false }
            }
            return flush(&output) && count > 0
        }

        private mutating func flush(_ output: inout [UInt8]) -> Bool {
            defer { output.removeAll(keepingCapacity: true) }
            if !output.isEmpty, !Program.Output.standard.write(output) { readerIsGone = true }
            return !readerIsGone
        }
    }

    private static let supervisor = "supervisor"
}

extension SettingKind<Int64> {
    /// A time, in nanoseconds since 1970: as itself, or as how long ago it was.
    static var pastTime: SettingKind {
        SettingKind(
            placeholder: "TIME", expectation: "\(DurationText.expectation), or a time such as 2023-11-24T07:30:45Z",
            parse: { text in
                if let time = RFC3339.parse(text) { return time }
                return DurationText.parse(text).map { WallClock.nanoseconds - $0.nanoseconds }
            }, format: { RFC3339.format(unixNanoseconds: $0) })
    }
}
