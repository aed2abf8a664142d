import Glibc

/// A process as `/proc` knows it. The start time tells it from a later process with the same id.
package struct ProcessIdentity: Hashable, Sendable {
    package let pid: Int32
    /// In clock ticks since the machine started (`/proc/PID/stat`, field 22).
    package let startTime: UInt64

    package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }
}

/// Looks at processes, also those that are not our children.
package enum ProcessTable {
    /// The process with this id now; nil if there is none, or only its zombie.
    package static func identity(of pid: Int32) -> ProcessIdentity? {
        guard let fields = statistics(of: pid), let state = fields.first, state != "Z", state != "X", fields.count > 19,
            let startTime = UInt64(fields[19])
        else { return nil }
        return ProcessIdentity(pid: pid, startTime: startTime)
    }

    /// The CPU time that the process has used, in its own code and in the kernel's; nil if there is none with this id.
    package static func cpuTime(of pid: Int32) -> Duration? {
        guard let fields = statistics(of: pid), fields.count > 12, let user = Int64(fields[11]),
            let system = Int64(fields[12])
        else { return nil }
        let ticks = Int64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        return .seconds(user + system) / ticks
    }

    /// The fields of `/proc/PID/stat` from the third on: the second, the name in parentheses, may hold anything.
    private static func statistics(of pid: Int32) -> [String]? {
        guard let bytes = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        return bytes[(end + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    }

    package static func isRunning(_ process: ProcessIdentity) -> Bool {
        identity(of: process.pid) == process
    }

    /// All processes of this user that are visible.
    package static var ownProcesses: [ProcessIdentity] {
        let names = (try? FileSystem.names(in: "/proc")) ?? []
        return names.compactMap { name in
            guard let pid = Int32(name), let entry = try? FileSystem.entry(at: "/proc/\(pid)"),
                entry.owner == Program.userID
            else { return nil }
            return identity(of: pid)
        }
    }

    /// The file that the process executes, also if it has been replaced or removed since.
    package static func executable(of pid: Int32) -> String? { link("exe", of: pid) }

    package static func workingDirectory(of pid: Int32) -> String? { link("cwd", of: pid) }

    private static func link(_ name: String, of pid: Int32) -> String? {
        guard let target = FileSystem.linkTarget("/proc/\(pid)/\(name)") else { return nil }
        let mark = " (deleted)"
        return target.hasSuffix(mark) ? String(target.dropLast(mark.count)) : target
    }

    /// Sends a signal to the process, and not to another that has got its id in the meantime. (Between the check and
    /// the signal lie microseconds; the kernel hands ids out in turn.)
    package static func signal(_ signal: Signal, _ process: ProcessIdentity) {
        if isRunning(process) { kill(process.pid, signal.rawValue) }
    }

    /// Collects a child that `ChildCommand.spawn` started if it has ended: nil while it runs.
    package static func collect(_ pid: Int32) -> ExitStatus? {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
        return ExitStatus(waitStatus: status)
    }
}
