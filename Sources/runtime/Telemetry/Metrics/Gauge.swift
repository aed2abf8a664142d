import Synchronization

/// A number that goes up and down. Any thread.
package final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    package init() {}

    package func add(_ amount: Int64) { level.wrappingAdd(amount, ordering: .relaxed) }

    package var value: Int64 { level.load(ordering: .relaxed) }
}
