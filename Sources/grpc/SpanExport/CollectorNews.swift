package import RPCCore
package import Timing

/// What the log hears of the collector: that it does not take spans, once a minute at most, and after that, once, that it does again. Pure.
package struct CollectorNews {
    private static let interval = Duration.seconds(60)

    /// Spans that were dropped since the log last heard of the collector.
    package var dropped = 0
    /// The log has heard that it fails, and not that it no longer does.
    private var isTold = false
    private var quietUntil: Instant?

    package init() {}

    /// The line to write, if any.
    package mutating func failed(_ collector: String, _ error: RPCError, at now: Instant) -> String? {
        guard isTime(at: now) else { return nil }
        isTold = true
        return "Tracing: \(collector) does not take spans: \(error)\(takeLoss())"
    }

    package mutating func taken(by collector: String) -> String? {
        guard isTold else { return nil }
        isTold = false
        return "Tracing: \(collector) takes spans again\(takeLoss())"
    }

    package mutating func refused(_ spans: Int, because reason: String, at now: Instant) -> String? {
        guard isTime(at: now) else { return nil }
        let count = spans == 0 ? "has a remark on what it took" : "refused \(spans) spans"
        return "Tracing: the collector \(count): \(reason.isEmpty ? "it does not say why" : reason)"
    }

    private mutating func isTime(at now: Instant) -> Bool {
        if let quietUntil, now < quietUntil { return false }
        quietUntil = now + CollectorNews.interval
        return true
    }

    private mutating func takeLoss() -> String {
        defer { dropped = 0 }
        return dropped == 0 ? "" : " (\(dropped) were dropped since the last such line)"
    }
}
