/// What Prometheus calls a metric family: the name, type and help that its series have in common.
package struct MetricFamily: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case counter, gauge
        case histogram(HistogramBounds)

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// With its unit at the end, and `_total` if it is a counter.
    package let name: String
    package let kind: Kind
    package let help: String
    /// As the text format has it; made once, for every scrape shows it.
    let escapedHelp: String

    package init(_ name: String, _ kind: Kind, help: String) {
        self.name = name
        self.kind = kind
        self.help = help
        escapedHelp = MetricText.escape(help)
    }
}

/// The upper bounds of a histogram's buckets, each inclusive; a last bucket takes what is above all of them.
///
/// Observations are whole nanoseconds or bytes, so that adding them up is exact and needs no floating point.
package struct HistogramBounds: Hashable, Sendable {
    /// Ascending, in `unit`s, `Histogram.maxBounds` of them at most.
    let limits: [Int64]
    /// As they stand in the label `le`.
    let texts: [String]
    /// How many observed units are one of the metric's: 1 000 000 000 where nanoseconds are shown as seconds.
    let scale: Double

    /// For durations, which are observed in nanoseconds.
    package init(seconds: [Double]) {
        self.init(seconds.map { Int64(($0 * 1e9).rounded()) }, seconds.map(MetricText.number), scale: 1e9)
    }

    /// For sizes and counts.
    package init(bytes: [Int64]) {
        self.init(bytes, bytes.map(\.description), scale: 1)
    }

    private init(_ limits: [Int64], _ texts: [String], scale: Double) {
        precondition(limits.count <= Histogram.maxBounds, "too many buckets")
        precondition(zip(limits, limits.dropFirst()).allSatisfy { $0 < $1 }, "bounds ascend")
        self.limits = limits
        self.texts = texts
        self.scale = scale
    }

    /// The bucket that counts `value`. One after the other, because what is quick or small is what there is much of.
    func bucket(of value: Int64) -> Int {
        limits.firstIndex { value <= $0 } ?? limits.count
    }
}
