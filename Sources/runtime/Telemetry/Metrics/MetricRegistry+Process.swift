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
