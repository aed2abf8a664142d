import Events
import LocalCluster
import Settings
import System
import Terminal

/// Shows the pods' logs side by side, as stern does.
package enum LogsCommand {
    static let follow = Setting("FOLLOW", letter: "f", .flag, default: false, help: "go on until Ctrl-C")

    private static let pollInterval = Duration.milliseconds(100)
    /// Of each pod, before following begins.
    private static let linesBefore = 10

    static func run(_ context: CommandContext) async throws -> Int32 {
        let instance = try Instance(context.arguments)
        let directory = StateDirectory(instance.directory)
        let selection = context.arguments.operands.first
        guard directory.exists else { throw Failure("\(instance.name) is not running, and has no logs") }
        let follows = context.arguments[follow]
        var tails: [String: LogTail] = [:]
        var isFirst = true
        repeat {
            for pod in pods(in: directory, selection) {
                let path = directory.log(of: pod)
                var tail = tails[pod] ?? LogTail(path: path)
                var lines = tail.newLines(atEnd: !follows)
                if follows, isFirst { lines = lines.suffix(linesBefore) }
                tails[pod] = tail
                let label = context.paint(colour(of: pod), pod)
                let text = lines.map { "\(label) │ \($0)\n" }.joined()
                if !text.isEmpty, !Program.Output.standard.write(text) { return 0 }
            }
            if isFirst, tails.isEmpty {
                throw Failure(
                    "there is no component or pod '\(selection ?? "")' with a log; samplectl status lists the pods")
            }
            isFirst = false
            if follows { try await context.loop.sleep(for: pollInterval) }
        } while follows && directory.exists
        return 0
    }

    /// The names of those whose logs are there and wanted: pods, and `dnsmasq` if it is asked for.
    private static func pods(in directory: StateDirectory, _ selection: String?) -> [String] {
        let names = ((try? FileSystem.names(in: directory.logs)) ?? []).filter { $0.hasSuffix(".log") }
        return names.map { String($0.dropLast(4)) }.filter { isSelected($0, by: selection) }
    }

    package static func isSelected(_ pod: String, by selection: String?) -> Bool {
        guard let selection else { return Component.all.contains { pod.hasPrefix($0.deployment + "-") } }
        if pod == selection { return true }
        guard let component = Component.named(selection) else { return false }
        return pod.hasPrefix(component.deployment + "-")
    }

    static func colour(of pod: String) -> Paint.Colour {
        let colours = Paint.Colour.allCases
        return colours[Int(StableHash.of(pod) % UInt64(colours.count))]
    }
}
