/// One value for each loop, which code finds again wherever it runs.
package final class LoopLocal<Value>: Sendable {
    private let loops: [EventLoop]
    /// For each of them a `LoopSlot<Value>`. Not typed as one: a log line looks here, and walking an array of a generic
    /// type asks for its metadata each time, 300 instructions where the type is another room's.
    private let slots: [any AnyObject & Sendable]

    /// Makes each loop's value on that loop: at once for the current one, and as the next thing for the others, which
    /// must run.
    package init(on loops: [EventLoop], make: @escaping @Sendable (EventLoop) -> Value) {
        self.loops = loops
        slots = loops.map { loop in
            let slot = LoopSlot<Value>(on: loop)
            slot.fill { make(loop) }
            return slot
        }
    }

    /// The value of the loop whose thread asks; nil on a thread that has none.
    package var current: Value? {
        for index in loops.indices where loops[index].isCurrent {
            return unsafe unsafeDowncast(slots[index], to: LoopSlot<Value>.self).valueHere
        }
        return nil
    }
}
