import RPCCore
import Telemetry

/// The figures of one method on one loop. A series begins with the first call that belongs to it.
final class CallSeries {
    /// Calls that ended with one status.
    private final class End {
        let duration: Histogram
        let sent: Histogram
        let received: Histogram

        init(_ registry: MetricRegistry, _ families: CallFamilies, _ labels: MetricRegistry.Labels) {
            duration = registry.histogram(families.duration, labels)
            sent = registry.histogram(families.sent, labels)
            received = registry.histogram(families.received, labels)
        }

        func observe(_ summary: CallSummary) {
            duration.observe(summary.duration)
            sent.observe(Int64(summary.sentMessageBytes))
            received.observe(Int64(summary.receivedMessageBytes))
        }
    }

    let started: Counter
    private let registry: MetricRegistry
    private let families: CallFamilies
    private let labels: MetricRegistry.Labels
    private var ends = StatusTable<End>()

    init(_ registry: MetricRegistry, _ families: CallFamilies, _ labels: MetricRegistry.Labels) {
        self.registry = registry
        self.families = families
        self.labels = labels
        started = registry.counter(families.started, labels)
    }

    func ended(_ summary: CallSummary) {
        (ends[summary.status] ?? begin(summary.status)).observe(summary)
    }

    private func begin(_ status: StatusCode) -> End {
        let end = End(registry, families, labels + [("grpc_status", status.name)])
        ends[status] = end
        return end
    }
}

/// A value for each status code that has occurred.
struct StatusTable<Value> {
    // The codes are 0 to 16, all of them.
    private var values = [Value?](repeating: nil, count: StatusCode.allCases.count)

    subscript(_ status: StatusCode) -> Value? {
        get { values[status.rawValue] }
        set { values[status.rawValue] = newValue }
    }
}
