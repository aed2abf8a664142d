package import Terminal
package import Timing

/// When calls find their way to pods that have entered DNS.
package struct Arrivals: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let pod: String
        package let enteredDNS: Instant

        package init(pod: String, enteredDNS: Instant) {
            self.pod = pod
            self.enteredDNS = enteredDNS
        }
    }

    /// When the pods were ordered.
    package let ordered: Instant
    package let entries: [Entry]
    /// From entering DNS to the first answer.
    package let limit: Duration

    package init(ordered: Instant, entries: [Entry], limit: Duration) {
        self.ordered = ordered
        self.entries = entries.sorted { $0.enteredDNS < $1.enteredDNS }
        self.limit = limit
    }

    /// After that, waiting for more is of no use.
    package var deadline: Instant { (entries.last?.enteredDNS ?? ordered) + limit }

    package func areComplete(_ record: LoadRecord) -> Bool {
        entries.allSatisfy { record.firstAnswer(of: $0.pod, since: $0.enteredDNS) != nil }
    }

    package func table(_ record: LoadRecord) -> Table {
        var table = Table(["POD", "IN DNS AFTER", "FIRST CALL AFTER", "LIMIT"])
        table.rows = entries.map { entry in
            let first = record.firstAnswer(of: entry.pod, since: entry.enteredDNS)
            return [
                entry.pod, SecondsText.format(entry.enteredDNS - ordered),
                first.map { SecondsText.format($0 - entry.enteredDNS) } ?? "none", SecondsText.format(limit),
            ]
        }
        return table
    }

    package func verdict(_ record: LoadRecord) -> Verdict {
        let late = entries.first { entry in
            guard let first = record.firstAnswer(of: entry.pod, since: entry.enteredDNS) else { return true }
            return first - entry.enteredDNS > limit
        }
        let subject = entries.count == 1 ? "the pod gets" : "each of the \(entries.count) gets"
        let claim = "\(subject) its first call within \(SecondsText.format(limit)) of entering DNS"
        if entries.isEmpty { return Verdict(claim, objection: "there are none") }
        return Verdict(claim, objection: late.map { "\($0.pod) did not" })
    }
}
