import LocalCluster
import System
import Timing

/// The CPU time that the pods' programs have used, by the program's name.
struct ProgramTimes {
    private var times: [String: Duration] = [:]

    /// Of all processes that run in a pod's directory, children of its first process too.
    init(of pods: [StatusReport.Pod]) {
        let first = pods.compactMap { $0.pid.map(Int32.init) }
        let directories = Set(first.compactMap(ProcessTable.workingDirectory))
        for process in ProcessTable.ownProcesses {
            guard let directory = ProcessTable.workingDirectory(of: process.pid), directories.contains(directory),
                let time = ProcessTable.cpuTime(of: process.pid),
                let name = ProcessTable.executable(of: process.pid)?.split(separator: "/").last
            else { continue }
            times[String(name), default: .zero] += time
        }
    }

    /// What was used since, for one of `count` calls.
    func perCall(since earlier: ProgramTimes, calls count: Int) -> [String: Duration] {
        times.reduce(into: [:]) { result, entry in
            result[entry.key] = (entry.value - (earlier.times[entry.key] ?? .zero)) / max(count, 1)
        }
    }
}
