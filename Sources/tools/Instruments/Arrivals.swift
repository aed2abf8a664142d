package import Terminal
package import Timing

/// When calls find their way to new pods.
package struct Arrivals: Equatable, Sendable {
    /// What a pod's time is counted from.
    package enum Start: Equatable, Sendable {
        case dns, readiness

        package var title: String {
            switch self {
            case .dns: "IN DNS"
            case .readiness: "READY"
            }
        }

        package var words: String {
            switch self {
            case .dns: "entering DNS"
            case .readiness: "being ready"
            }
        }
    }

    package struct Entry: Equatable, Sendable {
        package let pod: String
        package let entered: Instant

        package init(pod: String, entered: Instant) {
            self.pod = pod
            self.entered = entered
        }
    }

    /// When the pods were ordered.
    package let ordered: Instant
    package let start: Start
    package let entries: [Entry]
    /// From there to the first answer.
    package let limit: Duration

    package init(ordered: Instant, from start: Start = .dns, entries: [Entry], limit: Duration) {
        self.ordered = ordered
        self.start = start
        self.entries = entries.sorted { $0.entered < $1.entered }
        self.limit = limit
    }

    /// After that, waiting for more is of no use.
    package var deadline: Instant { (entries.last?.entered ?? ordered) + limit }

    package func areComplete(_ record: LoadRecord) -> Bool {
        entries.allSatisfy { record.firstAnswer(of: $0.pod, since: $0.entered) != nil }
    }

    /// The longest that one had to wait, and the shortest; nil if one never had a call.
    package func waits(_ record: LoadRecord) -> ClosedRange<Duration>? {
        let waits = entries.compactMap { entry in
            record.firstAnswer(of: entry.pod, since: entry.entered).map { $0 - entry.entered }
        }
        guard waits.count == entries.count, let least = waits.min(), let most = waits.max() else { return nil }
        return least...most
    }

    package func table(_ record: LoadRecord) -> Table {
        var table = Table(["POD", start.title, "FIRST CALL", "LIMIT"])
        table.rows = entries.map { entry in
            let first = record.firstAnswer(of: entry.pod, since: entry.entered)
            return [
                entry.pod, SecondsText.format(entry.entered - ordered),
                first.map { SecondsText.format($0 - entry.entered) } ?? "none", SecondsText.format(limit),
            ]
        }
        return table
    }

    package func verdict(_ record: LoadRecord) -> Verdict {
        let late = entries.first { entry in
            guard let first = record.firstAnswer(of: entry.pod, since: entry.entered) else { return true }
            return first - entry.entered > limit
        }
        let subject = entries.count == 1 ? "the pod gets" : "each of the \(entries.count) gets"
        let claim = "\(subject) its first call within \(SecondsText.format(limit)) of \(start.words)"
        if entries.isEmpty { return Verdict(claim, objection: "there are none") }
        return Verdict(claim, objection: late.map { "\($0.pod) did not" })
    }
}
