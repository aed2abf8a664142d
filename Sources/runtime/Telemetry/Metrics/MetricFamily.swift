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
