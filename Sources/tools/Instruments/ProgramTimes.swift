package import LocalCluster
import System
import Timing

/// The CPU time that the pods' programs have used, by the program's name.
package struct ProgramTimes {
    package private(set) var total: [String: Duration] = [:]

    /// Of all processes that run in a pod's directory, children of its first process too.
    package init(of pods: [StatusReport.Pod]) {
        let first = pods.compactMap { $0.pid.map(Int32.init) }
        let directories = Set(first.compactMap(ProcessTable.workingDirectory))
        for process in ProcessTable.ownProcesses {
            guard let directory = ProcessTable.workingDirectory(of: process.pid), directories.contains(directory),
                let time = ProcessTable.cpuTime(of: process.pid),
                let name = ProcessTable.executable(of: process.pid)?.split(separator: "/").last
            else { continue }
            total[String(name), default: .zero] += time
        }
    }

    /// What was used since, for one of `count` calls.
    package func perCall(since earlier: ProgramTimes, calls count: Int) -> [String: Duration] {
        total.reduce(into: [:]) { result, entry in
            result[entry.key] = (entry.value - (earlier.total[entry.key] ?? .zero)) / max(count, 1)
        }
    }
}
