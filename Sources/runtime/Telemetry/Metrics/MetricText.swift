/// Writes Prometheus' text format, version 0.0.4.
///
/// Bytes, not a string: a scrape has thousands of lines, and a loop that also serves calls writes them.
struct MetricText {
    private(set) var bytes: [UInt8] = []
    private var family: MetricFamily?
    /// Of the bucket lines: `le="0.005"} `.
    private var bucketEnds: [[UInt8]] = []

    mutating func begin(_ family: MetricFamily) {
        self.family = family
        append("# HELP \(family.name) \(family.escapedHelp)\n# TYPE \(family.name) \(family.kind.name)\n")
        bucketEnds = []
        guard case .histogram(let bounds) = family.kind else { return }
        bucketEnds = (bounds.texts + ["+Inf"]).map { Array("le=\"\($0)\"} ".utf8) }
    }

    mutating func sample(_ labels: String, _ value: UInt64) { line("", labels, value.description) }
    mutating func sample(_ labels: String, _ value: Double) { line("", labels, MetricText.number(value)) }

    mutating func histogram(_ labels: String, _ snapshot: HistogramSnapshot) {
        guard let family, case .histogram(let bounds) = family.kind else { return }
        let start = Array("\(family.name)_bucket{\(labels)\(labels.isEmpty ? "" : ",")".utf8)
        var total: UInt64 = 0
        for (end, count) in zip(bucketEnds, snapshot.counts) {
            total &+= count
            bytes.append(contentsOf: start)
            bytes.append(contentsOf: end)
            append(total.description)
            append("\n")
        }
        line("_sum", labels, MetricText.number(Double(snapshot.sum) / bounds.scale))
        line("_count", labels, total.description)
    }

    private mutating func line(_ suffix: String, _ labels: String, _ value: String) {
        guard let family else { return }
        append(family.name)
        append(suffix)
        if !labels.isEmpty {
            append("{")
            append(labels)
            append("}")
        }
        append(" ")
        append(value)
        append("\n")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Without the braces: `code="OK",path="a\"b"`.
    static func labels(_ labels: MetricRegistry.Labels) -> String {
        labels.map { "\($0.name)=\"\(escapeLabel($0.value))\"" }.joined(separator: ",")
    }

    /// Whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(\.description) ?? value.description
    }

    private static func escapeLabel(_ value: String) -> String {
        escape(value).replacing("\"", with: "\\\"")
    }

    /// What help and label values have in common.
    static func escape(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }
}
