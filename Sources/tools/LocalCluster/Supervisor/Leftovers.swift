package import Events
package import System
import Timing

/// Processes of a system whose supervisor was killed. The kernel has sent its children SIGTERM, but nginx's workers are
/// not its children, and a child may be slow.
package enum Leftovers {
    package struct Candidate: Equatable, Sendable {
        package let process: ProcessIdentity
        package let workingDirectory: String?
        package let executable: String?

        package init(process: ProcessIdentity, workingDirectory: String?, executable: String?) {
            self.process = process
            self.workingDirectory = workingDirectory
            self.executable = executable
        }
    }

    /// What a supervisor starts, by file name. A shell or an editor in a pod's directory is none of it.
    private static let programs: Set<String> = ["nginx", "dnsmasq", "grpc-server", "gateway", "js-server", "envoy"]

    /// Those among the candidates that a supervisor started for this state directory: the state file names them, or they
    /// work in a pod's directory (which nginx's workers inherit) and execute one of its programs.
    package static func select(
        _ candidates: [Candidate], recorded: Set<ProcessIdentity>, podDirectories: String
    ) -> [ProcessIdentity] {
        candidates.filter { candidate in
            if recorded.contains(candidate.process) { return true }
            let name = candidate.executable?.split(separator: "/").last.map(String.init) ?? ""
            let directory = candidate.workingDirectory ?? ""
            return programs.contains(name) && (directory + "/").hasPrefix(podDirectories + "/")
        }.map(\.process)
    }

    package static func find(in directory: StateDirectory) -> [ProcessIdentity] {
        let recorded = Set(StateFile.read(directory.state)?.children ?? [])
        return select(candidates(), recorded: recorded, podDirectories: directory.pods)
    }

    /// Those that work in one pod's directory.
    package static func find(inPodDirectory directory: String) -> [ProcessIdentity] {
        select(candidates(), recorded: [], podDirectories: directory)
    }

    private static func candidates() -> [Candidate] {
        ProcessTable.ownProcesses.map {
            Candidate(
                process: $0, workingDirectory: ProcessTable.workingDirectory(of: $0.pid),
                executable: ProcessTable.executable(of: $0.pid))
        }
    }

    /// Asks them to end, and after `patience` kills them; returns when none is left. Nobody can reach them any more,
    /// so there is nothing to wait long for.
    package static func end(in directory: StateDirectory, patience: Duration = .seconds(3), on loop: EventLoop) async
        -> Int
    {
        let found = find(in: directory)
        for process in found { ProcessTable.signal(.terminate, process) }
        let deadline = MonotonicClock.now + patience
        var remaining = found
        while !remaining.isEmpty {
            if MonotonicClock.now > deadline { for process in remaining { ProcessTable.signal(.kill, process) } }
            try? await loop.sleep(for: .milliseconds(20))
            remaining = remaining.filter(ProcessTable.isRunning)
        }
        return found.count
    }
}
