import System
import Timing

extension MetricRegistry {
    /// The metrics that every Prometheus client library has of its process, and what the service is.
    package func addProcessMetrics(service name: String, version: String) {
        observe(
            MetricFamily("service_info", .gauge, help: "The service and its version; always 1."),
            [("name", name), ("version", version)]
        ) { 1 }
        observe(
            MetricFamily("process_cpu_seconds_total", .counter, help: "CPU time spent, user and system, in seconds.")
        ) { Double(ProcessClock.cpuTime.nanoseconds) / 1e9 }
        observe(
            MetricFamily("process_resident_memory_bytes", .gauge, help: "Resident memory size in bytes.")
        ) { ProcessFacts.memory("VmRSS:") }
        observe(
            MetricFamily("process_virtual_memory_bytes", .gauge, help: "Virtual memory size in bytes.")
        ) { ProcessFacts.memory("VmSize:") }
        observe(
            MetricFamily("process_open_fds", .gauge, help: "Number of open file descriptors.")
        ) { ProcessFacts.openDescriptors }
        observe(
            MetricFamily("process_max_fds", .gauge, help: "Maximum number of open file descriptors.")
        ) { ProcessFacts.maxDescriptors }
        let (seconds, nanoseconds) = WallClock.now
        let start = Double(seconds) + Double(nanoseconds / 1_000_000) / 1_000
        observe(
            MetricFamily(
                "process_start_time_seconds", .gauge, help: "Start time of the process since the Unix epoch in seconds."
            )
        ) { start }
    }
}

/// What the kernel says of this process (proc(5)); nil where there is no /proc.
enum ProcessFacts {
    /// Bytes; `field` is of /proc/self/status, whose lines are like `VmRSS:   1234 kB`.
    static func memory(_ field: String) -> Double? {
        value(of: field, in: "/proc/self/status").map { $0 * 1024 }
    }

    /// Linux 6.2 and later give their number as the directory's size; counting the names of many takes milliseconds.
    static var openDescriptors: Double? {
        let directory = "/proc/self/fd"
        if let count = (try? FileSystem.entry(at: directory))??.size, count > 0 { return Double(count) }
        // One of them is the listing's own.
        return (try? FileSystem.names(in: directory)).map { Double($0.count - 1) }
    }

    /// The soft limit, beyond which nothing can be accepted or opened.
    static var maxDescriptors: Double? {
        value(of: "Max open files", in: "/proc/self/limits")
    }

    /// The number that follows `field` at the beginning of a line.
    private static func value(of field: String, in path: String) -> Double? {
        guard let bytes = try? FileSystem.read(path, limit: 16 << 10) else { return nil }
        guard let line = bytes.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: field.utf8) }) else {
            return nil
        }
        let words = line.dropFirst(field.utf8.count).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return words.first.flatMap { Double(String(decoding: $0, as: UTF8.self)) }
    }
}
