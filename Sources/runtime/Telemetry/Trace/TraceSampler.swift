/// Says whether a trace is recorded: the samplers of OpenTelemetry, which it names in `OTEL_TRACES_SAMPLER`.
package struct TraceSampler: Hashable, Sendable {
    /// For traces that begin here, and, where the parent's word does not count, for all.
    package enum Share: Hashable, Sendable {
        case all
        case none
        /// From 0 to 1 of all traces, the same ones in every service that asks for as many.
        case ratio(Double)
    }

    package let share: Share
    /// What the sender of a request says of the trace counts.
    package let followsParent: Bool

    package init(_ share: Share, followsParent: Bool) {
        self.share = share
        self.followsParent = followsParent
    }

    /// `parent` is what the request came with, nil if the trace begins here.
    package func records(_ traceID: (high: UInt64, low: UInt64), parent: TraceContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        switch share {
        case .all: return true
        case .none: return false
        // As the SDKs for Go and Java do it: 63 of the lower bits against the ratio's share of them.
        case .ratio(let ratio): return traceID.low >> 1 < UInt64(min(max(ratio, 0), 1) * 0x1p63)
        }
    }
}
