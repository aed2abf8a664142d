/// Several logs as one, by the times of their lines. It holds one line of each.
package struct LogMerge {
    private struct Entry {
        let source: LogSource
        var head: LogRecord?
    }

    private var entries: [Entry] = []

    package init() {}

    package var names: [LogName] { entries.map(\.source.name) }

    package mutating func add(_ source: LogSource) {
        entries.append(Entry(source: source))
    }

    /// Looks for lines of logs that had none, and forgets logs that are gone.
    package mutating func refill(atEnd: Bool) {
        entries.removeAll { $0.head == nil && $0.source.isGone }
        for index in entries.indices where entries[index].head == nil {
            entries[index].head = entries[index].source.next(atEnd: atEnd)
        }
    }

    /// The oldest line; nil if no log has one. Of lines of one time those of the log that was added first come first.
    package mutating func next(atEnd: Bool) -> LogRecord? {
        var oldest: Int?
        for (index, entry) in entries.enumerated() {
            guard let head = entry.head else { continue }
            if let best = oldest.flatMap({ entries[$0].head }), best.order <= head.order { continue }
            oldest = index
        }
        guard let oldest, let record = entries[oldest].head else { return nil }
        entries[oldest].head = entries[oldest].source.next(atEnd: atEnd)
        return record
    }
}
