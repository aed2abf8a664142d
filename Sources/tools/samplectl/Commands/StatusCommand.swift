import Bytes
import Events
package import JSON
package import LocalCluster
import Settings
import System
import Terminal
import Timing

enum StatusCommand {
    private static let watch = Setting(
        "WATCH", letter: "w", .flag, default: false, help: "go on, and show it anew whenever it changes")
    static let settings: [any AnySetting] = [OutputFormat.setting, watch]

    static let remarks = """
        With -o json it is one object on a line, whose members stay as they are:
        name, mode, policy, target, entry, listen (where nginx does), dns,
        dnsCache, grpcAddress, ready, stopping, change, and pods: each has name,
        component, ready, containers, containersReady, status, restarts,
        ageSeconds, ip, pid, listed (by DNS), outdated, lastEnd. What there is
        not is null.

        With --watch a terminal shows it in one place; elsewhere it is told
        again when something else than an age has changed. Ctrl-C ends it by the
        signal, so that the exit status is 130, as kubectl's; it is 0 when the
        system is stopped.
        """

    private static let pollInterval = Duration.milliseconds(200)
    /// With a supervisor that does not answer.
    private static let patience = Duration.seconds(10)

    static func run(_ context: CommandContext) async throws -> Int32 {
        let instance = try Instance(context.arguments)
        let control = ControlClient(instance, on: context.loop)
        let isJSON = context.arguments[OutputFormat.setting] == .json
        var report = try await control.status()
        guard context.arguments[watch] else {
            context.print(isJSON ? report.publicJSON.text : report.summary(columns: Program.Output.standard.columns))
            return 0
        }
        let isLive = !isJSON && Program.Output.standard.isTerminal
        var redraw = Redraw()
        var shown: StatusReport?
        while true {
            // An age alone is worth a look at a clock, and no line in a file.
            let current = isLive ? report : report.withoutAges
            if current != shown {
                let isFirst = shown == nil
                shown = current
                let text =
                    if isLive {
                        redraw.frame(report.summary(columns: columns), columns: columns, rows: rows)
                    } else if isJSON {
                        report.publicJSON.text + "\n"
                    } else { (isFirst ? "" : "\n") + report.summary() + "\n" }
                guard Program.Output.standard.write(text) else { return 0 }
            }
            try await context.loop.sleep(for: pollInterval)
            guard let next = try await nextReport(control, instance, on: context.loop) else {
                if !isJSON { context.print("\(instance.name) is stopped.") }
                return 0
            }
            report = next
        }
    }

    /// nil if the system is stopped, as which it counts when its directory is gone: the supervisor answers nothing more
    /// some time before.
    private static func nextReport(
        _ control: ControlClient, _ instance: Instance, on loop: EventLoop
    ) async throws -> StatusReport? {
        let deadline = MonotonicClock.now + patience
        while true {
            do {
                return try await control.status()
            } catch {
                if !StateDirectory(instance.directory).exists { return nil }
                if MonotonicClock.now > deadline { throw error }
                try await loop.sleep(for: pollInterval)
            }
        }
    }

    private static var columns: Int { Program.Output.standard.columns ?? 80 }
    private static var rows: Int { Program.Output.standard.rows ?? 24 }
}

extension StatusReport {
    /// What `status` shows, without a line feed at its end: on a terminal with so many columns.
    package func summary(columns: Int? = nil) -> String {
        var lines = ["mode \(mode), policy \(policy), gateway's target \(target)"]
        if let change { lines.append("on the way to another mode: \(change)") }
        let cache = dnsCache.map { ", its cache \($0)" } ?? ""
        let listener = isOpen ? " (nginx listens on \(listen))" : ""
        lines.append("entry \(entry)\(listener), DNS \(dns)\(cache)\(isStopping ? ", stopping" : "")")
        if let address = grpcAddress { lines.append("gRPC, for instance: grpcurl -plaintext \(address) list") }
        let sentences = lines.map { Paragraphs.fit($0, width: columns ?? .max) }
        return ([table.text(columns: columns)] + sentences).joined(separator: "\n")
    }

    /// What does not change when nothing happens.
    package var withoutAges: StatusReport {
        var report = self
        for index in report.pods.indices { report.pods[index].age = 0 }
        return report
    }

    /// What `status -o json` tells: not the supervisor's own form, which may change with any version.
    package var publicJSON: JSONValue {
        [
            "name": .string(name), "mode": .string(mode), "policy": .string(policy), "target": .string(target),
            "entry": .string(entry), "listen": .string(listen), "dns": .string(dns), "dnsCache": .orNull(dnsCache),
            "grpcAddress": .orNull(grpcAddress), "ready": .bool(isReady), "stopping": .bool(isStopping),
            "change": .orNull(change), "pods": .array(pods.map(\.publicJSON)),
        ]
    }
}

extension StatusReport.Pod {
    fileprivate var publicJSON: JSONValue {
        [
            "name": .string(name), "component": .string(component), "ready": .bool(isReady),
            "containers": .count(1 + sidecars.count),
            "containersReady": .count((isReady ? 1 : 0) + sidecars.count { $0 }), "status": .string(status),
            "restarts": .count(restarts), "ageSeconds": .count(age), "ip": .string(address),
            "pid": pid.map { .count($0) } ?? .null, "listed": .bool(dns.isListed), "outdated": .bool(isOutdated),
            "lastEnd": .orNull(lastEnd),
        ]
    }
}

extension JSONValue {
    fileprivate static func orNull(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    fileprivate static func count(_ number: Int) -> JSONValue { .number(.integer(Int64(number))) }
}
