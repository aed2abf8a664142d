import Synchronization

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
