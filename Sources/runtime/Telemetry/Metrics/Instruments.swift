import Synchronization
import Timing

/// Counts events. Any thread.
///
/// An addition takes about 5 ns as long as one thread does them all; so what several loops count often, each counts in a
/// counter of its own (a shard), and the registry adds them up when somebody asks.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    package func increment(by amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

    package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down. Any thread.
package final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    package init() {}

    package func add(_ amount: Int64) { level.wrappingAdd(amount, ordering: .relaxed) }

    package var value: Int64 { level.load(ordering: .relaxed) }
}

/// Counts observations by size. Any thread; an observation takes about 10 ns and no memory, under the same condition as
/// a `Counter`'s.
package final class Histogram: Sendable {
    static let maxBounds = 63

    package let bounds: HistogramBounds
    private let buckets = InlineArray<64, Atomic<UInt64>> { _ in Atomic<UInt64>(0) }
    private let total = Atomic<UInt64>(0)

    package init(_ bounds: HistogramBounds) {
        self.bounds = bounds
    }

    package func observe(_ duration: Duration) { observe(duration.nanoseconds) }

    /// In the bounds' unit: bytes or nanoseconds. Less than nothing counts as nothing.
    package func observe(_ value: Int64) {
        buckets[bounds.bucket(of: value)].wrappingAdd(1, ordering: .relaxed)
        total.wrappingAdd(UInt64(max(value, 0)), ordering: .relaxed)
    }

    var snapshot: HistogramSnapshot {
        HistogramSnapshot(
            counts: (0...bounds.limits.count).map { buckets[$0].load(ordering: .relaxed) },
            sum: total.load(ordering: .relaxed))
    }
}

/// A histogram at one moment. An observation that is being made may be missing from the sum alone.
struct HistogramSnapshot {
    /// One for each bound and one for the rest, not yet cumulative.
    var counts: [UInt64]
    var sum: UInt64

    mutating func add(_ other: HistogramSnapshot) {
        for (index, count) in other.counts.enumerated() { counts[index] += count }
        sum &+= other.sum
    }
}
