import Timing

extension LoadRecord {
    /// One line for the audience.
    var summary: String {
        let figures = [("median", 0.5), ("99 %", 0.99), ("slowest", 1)].compactMap { name, part in
            latency(percentile: part).map { "\(name) \(LoadRecord.milliseconds($0))" }
        }
        return "\(calls.count) calls, \(failures.count) failed; \(figures.joined(separator: ", "))"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = (duration.nanoseconds + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
