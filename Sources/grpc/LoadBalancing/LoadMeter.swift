package import Timing

/// A server's load over the last seconds: the other side of `LoadReport`.
///
/// Over ten seconds, the time for which clients wait before they go by a weight (gRFC A58's blackout): a second's share
/// of a processor says little of what a call costs while there are few.
package struct LoadMeter {
    /// What has been counted and used since the process began.
    package struct Sample {
        package var time: Instant
        package var cpuTime: Duration
        package var calls: Int
        package var errors: Int

        package init(time: Instant, cpuTime: Duration, calls: Int, errors: Int) {
            self.time = time
            self.cpuTime = cpuTime
            self.calls = calls
            self.errors = errors
        }
    }

    /// How often there should be a sample.
    package static let interval = Duration.seconds(1)
    private static let window = 10

    /// How many processors the server can keep busy.
    private let processors: Int
    private var samples: [Sample] = []

    package init(processors: Int) {
        self.processors = max(processors, 1)
        samples.reserveCapacity(LoadMeter.window + 1)
    }

    /// The load as of now; nil as long as there is nothing to compare with.
    package mutating func add(_ sample: Sample) -> LoadReport? {
        samples.append(sample)
        if samples.count > LoadMeter.window + 1 { samples.removeFirst() }
        guard let first = samples.first else { return nil }
        let seconds = (sample.time - first.time) / .seconds(1)
        guard seconds > 0 else { return nil }
        var report = LoadReport()
        report.cpuUtilization = (sample.cpuTime - first.cpuTime) / .seconds(1) / seconds / Double(processors)
        report.callsPerSecond = Double(sample.calls - first.calls) / seconds
        report.errorsPerSecond = Double(sample.errors - first.errors) / seconds
        return report
    }
}
