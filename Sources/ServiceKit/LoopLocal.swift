package import Events
import Synchronization

/// One value for each loop, which code finds again wherever it runs.
package final class LoopLocal<Value>: Sendable {
    private struct Seat: Sendable {
        let loop: EventLoop
        let value: Slot
    }

    /// Filled once, on its loop, before anything can look.
    private final class Slot: Sendable {
        let bound = Mutex<LoopBound<Value>?>(nil)
    }

    private let seats: [Seat]

    /// Makes each loop's value on that loop: at once for the current one, and as the next thing for the others, which
    /// must run.
    package init(on loops: [EventLoop], make: @escaping @Sendable (EventLoop) -> Value) {
        seats = loops.map { Seat(loop: $0, value: Slot()) }
        for seat in seats {
            seat.loop.executeHereOrLater {
                let bound = LoopBound(make(seat.loop), on: seat.loop)
                seat.value.bound.withLock { $0 = bound }
            }
        }
    }

    /// The value of the loop whose thread asks; any other thread is a programming error.
    package var current: Value {
        for seat in seats where seat.loop.isCurrent {
            if let bound = seat.value.bound.withLock({ $0 }) { return bound.value }
        }
        preconditionFailure("asked for a loop's value outside of the loops that have one")
    }
}
