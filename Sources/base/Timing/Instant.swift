/// A point on the monotonic clock (CLOCK_MONOTONIC), in nanoseconds since the machine started.
///
/// Machines take it as an input and never read a clock, so a test moves time by hand. It is a plain 64-bit number
/// because deadlines are compared on the hot path, where `Duration`'s 128 bits would show.
package struct Instant: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than every real instant: "no deadline".
    package static let distantFuture = Instant(nanoseconds: .max)

    @inline(__always)
    package static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Saturates at `distantFuture`.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    /// From `earlier` to `later`; negative if they are the other way round.
    package static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds).partialValue)
    }
}

extension Duration {
    /// Whole nanoseconds, saturated to what 64 bits hold (292 years).
    package var nanoseconds: Int64 {
        Int64(clamping: attoseconds / 1_000_000_000)
    }
}
