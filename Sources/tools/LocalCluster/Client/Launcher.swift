package import Events
import System
import Terminal
import Timing

/// Starts a supervisor in a process of its own and waits until its system is ready. Loop thread only.
package struct Launcher {
    /// A machine under load needs a while; a system that is not ready by then has a reason.
    private static let patience = Duration.seconds(60)
    /// A pod that ended this often before the system was ready will not get better by itself.
    private static let mostRestarts = 2

    private let instance: Instance
    private let options: UpOptions
    private let loop: EventLoop
    private let isAttached: Bool
    /// Hears of each component that is complete.
    package var progress: (String) -> Void = { _ in }

    private var directory: StateDirectory { StateDirectory(instance.directory) }

    /// `isAttached`: the supervisor is to end with this process.
    package init(instance: Instance, options: UpOptions, loop: EventLoop, isAttached: Bool = false) {
        self.instance = instance
        self.options = options
        self.loop = loop
        self.isAttached = isAttached
    }

    /// Throws what kept the system from being ready; nothing runs then.
    package func start() async throws -> StatusReport {
        let directory = directory
        try directory.prepare()
        // The supervisor takes the lock itself; here it only shows early that one is there.
        guard try FileLock(directory.lock) != nil else { throw SystemResources.alreadyRuns(instance) }
        try FileSystem.removeFile(directory.journal)
        let journal = try OutputFile(appendingTo: directory.journal)
        let command = ChildCommand(
            executable: Program.executable ?? CommandLine.arguments[0],
            arguments: [Supervision.verb] + options.arguments + instance.arguments,
            environment: Launcher.environment, diesWithParent: isAttached)
        let pid = try command.spawn(output: journal.descriptor, error: journal.descriptor)
        do {
            return try await waitUntilReady(pid)
        } catch {
            _ = try? await Stopper(instance: instance, loop: loop).stop()
            _ = ProcessTable.collect(pid)
            throw error
        }
    }

    /// The supervisor needs little, and finds programs as its starter would.
    private static var environment: [String: String] {
        ["PATH": Program.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin"]
    }

    private func waitUntilReady(_ pid: Int32) async throws -> StatusReport {
        let deadline = MonotonicClock.now + Launcher.patience
        let control = ControlClient(instance, on: loop)
        var complete: Set<String> = []
        while true {
            if let status = ProcessTable.collect(pid) { throw Failure(supervisorsLastWords(status)) }
            if let report = try? await control.status() {
                for component in Topology(options.modes).components where !complete.contains(component.name) {
                    let pods = report.pods.filter { $0.component == component.name }
                    guard !pods.isEmpty, pods.count == component.replicas(options), pods.allSatisfy(\.isReady) else {
                        continue
                    }
                    complete.insert(component.name)
                    progress("\(component.name.padded(to: 8)) \(pods.count) of \(pods.count) ready")
                }
                if report.isReady { return report }
                if let pod = report.pods.first(where: { $0.restarts >= Launcher.mostRestarts && !$0.isReady }) {
                    throw Failure(
                        "\(pod.name) does not start: \(pod.lastEnd ?? "it ends at once")\(lastLines(of: pod.name))")
                }
                if MonotonicClock.now > deadline, let pod = report.pods.first(where: { !$0.isReady }) {
                    let time = DurationText.format(Launcher.patience)
                    throw Failure("\(pod.name) is not ready after \(time)\(lastLines(of: pod.name))")
                }
            } else if MonotonicClock.now > deadline {
                throw Failure("the supervisor does not answer; \(directory.journal) has what it says")
            }
            try await loop.sleep(for: .milliseconds(30))
        }
    }

    private func supervisorsLastWords(_ status: ExitStatus) -> String {
        let bytes = (try? FileSystem.read(directory.journal)) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let mark = "\(Program.name): "
        if let complaint = lines.last(where: { $0.hasPrefix(mark) }) { return String(complaint.dropFirst(mark.count)) }
        return (["the supervisor ended: \(status)"] + lines.suffix(10).map(String.init)).joined(separator: "\n")
    }

    private func lastLines(of pod: String) -> String {
        let bytes = (try? FileSystem.read(directory.log(of: pod))) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(10)
        return lines.isEmpty
            ? "; it printed nothing" : "; its last lines:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}
