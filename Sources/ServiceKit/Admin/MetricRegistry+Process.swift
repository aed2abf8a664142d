import Events
import Timing

extension MetricRegistry {
    /// The metrics that every Prometheus client library has of its process.
    func addProcessMetrics(_ identity: ServiceIdentity) {
        observe(
            "service_info", .gauge, help: "The service and its version.",
            labels: ["name": identity.name, "version": identity.version]
        ) { 1 }
        observe("process_resident_memory_bytes", .gauge, help: "Resident memory size in bytes.") {
            MetricRegistry.residentMemory
        }
        observe("process_cpu_seconds_total", .counter, help: "CPU time spent, user and system, in seconds.") {
            Double(ProcessClock.cpuTime.nanoseconds) / 1e9
        }
        observe("process_open_fds", .gauge, help: "Open file descriptors.") {
            // One of them is the listing's own.
            (try? FileSystem.names(in: "/proc/self/fd")).map { Double($0.count - 1) }
        }
        let (seconds, nanoseconds) = WallClock.now
        let start = Double(seconds) + Double(nanoseconds / 1_000_000) / 1_000
        observe("process_start_time_seconds", .gauge, help: "Start of the service in seconds since 1970.") { start }
    }

    /// The line `VmRSS:   1234 kB` of /proc/self/status.
    private static var residentMemory: Double? {
        guard let status = try? FileSystem.read("/proc/self/status", limit: 16 << 10) else { return nil }
        let text = String(decoding: status, as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else { return nil }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
            .map { $0 * 1024 }
    }
}
