import System

extension LabReport.Machine {
    /// As the kernel tells it.
    package static var current: LabReport.Machine {
        let processors = lines("/proc/cpuinfo")
        let name = processors.first { $0.hasPrefix("model name") }.flatMap { $0.split(separator: ":").last }
        let memory = lines("/proc/meminfo").first { $0.hasPrefix("MemTotal") }?.split(separator: " ")
        let kilobytes = memory.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0
        return LabReport.Machine(
            processor: name.map { String($0.drop { $0 == " " }) } ?? "unknown",
            processors: processors.count { $0.hasPrefix("processor") }, memoryMiB: kilobytes / 1024,
            system: lines("/proc/sys/kernel/osrelease").first.map { "Linux \($0)" } ?? "unknown")
    }

    private static func lines(_ path: String) -> [String] {
        let bytes = (try? FileSystem.read(path)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
