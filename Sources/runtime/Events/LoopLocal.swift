/// One value for each loop, which code finds again wherever it runs.
package final class LoopLocal<Value>: Sendable {
    private let slots: [LoopSlot<Value>]

    /// Makes each loop's value on that loop: at once for the current one, and as the next thing for the others, which
    /// must run.
    package init(on loops: [EventLoop], make: @escaping @Sendable (EventLoop) -> Value) {
        slots = loops.map { LoopSlot(on: $0) }
        for slot in slots { slot.fill { make(slot.loop) } }
    }

    /// The value of the loop whose thread asks; nil on a thread that has none.
    package var current: Value? {
        for slot in slots where slot.loop.isCurrent { return slot.value }
        return nil
    }
}
