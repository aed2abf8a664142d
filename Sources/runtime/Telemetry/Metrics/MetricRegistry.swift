import Synchronization

/// The service's metrics, and their text for Prometheus (exposition format 0.0.4). Any thread, but for `text`.
///
/// Label values may be found while the service runs, but come from a set that the program bounds, such as its routes and
/// the status codes: nothing that a client sends may become one, or the number of series would be the client's to
/// choose. Instruments with the same family and labels are shards of one series: each loop takes its own, so that
/// counting touches no memory of another, and the registry adds them up.
package final class MetricRegistry: Sendable {
    package typealias Labels = [(name: String, value: String)]

    private enum Source: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case reading(@Sendable () -> Double?)
    }

    private struct Series: Sendable {
        /// As they stand between the braces.
        let labels: String
        var shards: [Source]
    }

    private struct Entry: Sendable {
        let family: MetricFamily
        var series: [Series] = []
    }

    private let entries = Mutex<[Entry]>([])

    package init() {}

    /// Lets a family be seen before it has a series.
    package func declare(_ family: MetricFamily) {
        entries.withLock { MetricRegistry.entry(family, in: &$0) { _ in } }
    }

    package func counter(_ family: MetricFamily, _ labels: Labels = []) -> Counter {
        precondition(family.kind == .counter, "\(family.name) is no counter")
        let counter = Counter()
        add(.counter(counter), family, labels)
        return counter
    }

    package func gauge(_ family: MetricFamily, _ labels: Labels = []) -> Gauge {
        precondition(family.kind == .gauge, "\(family.name) is no gauge")
        let gauge = Gauge()
        add(.gauge(gauge), family, labels)
        return gauge
    }

    /// As with the others: families are the program's own constants, so one of another kind is a mistake that the first
    /// use of it shows.
    package func histogram(_ family: MetricFamily, _ labels: Labels = []) -> Histogram {
        guard case .histogram(let bounds) = family.kind else { preconditionFailure("\(family.name) is no histogram") }
        let histogram = Histogram(bounds)
        add(.histogram(histogram), family, labels)
        return histogram
    }

    /// A counter or gauge that is read when somebody asks, on the admin server's loop; nil leaves it out.
    package func observe(
        _ family: MetricFamily, _ labels: Labels = [], read: @escaping @Sendable () -> Double?
    ) {
        precondition(family.kind == .counter || family.kind == .gauge, "\(family.name) is no single number")
        add(.reading(read), family, labels)
    }

    private func add(_ source: Source, _ family: MetricFamily, _ labels: Labels) {
        let labels = MetricText.labels(labels)
        entries.withLock { entries in
            MetricRegistry.entry(family, in: &entries) { entry in
                if let index = entry.series.firstIndex(where: { $0.labels == labels }) {
                    entry.series[index].shards.append(source)
                } else {
                    entry.series.append(Series(labels: labels, shards: [source]))
                }
            }
        }
    }

    private static func entry(
        _ family: MetricFamily, in entries: inout [Entry], _ body: (inout Entry) -> Void
    ) {
        if let index = entries.firstIndex(where: { $0.family.name == family.name }) {
            precondition(entries[index].family == family, "\(family.name) is two families")
            body(&entries[index])
        } else {
            var entry = Entry(family: family)
            body(&entry)
            entries.append(entry)
        }
    }

    // MARK: Exposition

    /// On the admin server's loop, for that is where `observe` reads.
    package var text: [UInt8] {
        var text = MetricText()
        for entry in entries.withLock({ $0 }) {
            text.begin(entry.family)
            for series in entry.series { MetricRegistry.write(series, to: &text) }
        }
        return text.bytes
    }

    private static func write(_ series: Series, to text: inout MetricText) {
        var count: UInt64?
        var level: Double?
        var snapshot: HistogramSnapshot?
        for shard in series.shards {
            switch shard {
            case .counter(let counter): count = (count ?? 0) &+ counter.value
            case .gauge(let gauge): level = (level ?? 0) + Double(gauge.value)
            case .reading(let read): if let value = read() { level = (level ?? 0) + value }
            case .histogram(let histogram):
                if snapshot == nil { snapshot = histogram.snapshot } else { snapshot?.add(histogram.snapshot) }
            }
        }
        if let count { text.sample(series.labels, count) }
        if let level { text.sample(series.labels, level) }
        if let snapshot { text.histogram(series.labels, snapshot) }
    }
}
