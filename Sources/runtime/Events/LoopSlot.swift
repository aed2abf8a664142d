import Synchronization

/// A value that is made on its loop and stays there, as threads of others see it. Any thread, but for `value`.
package final class LoopSlot<Value>: Sendable {
    package let loop: EventLoop
    /// A `Box`. Not typed as one: a log line looks here, and asking for the metadata of generic types each time was a
    /// thousand instructions.
    private let box = Mutex<AnyObject?>(nil)

    /// Sendable: only the loop's thread looks inside.
    private final class Box: @unchecked Sendable {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Makes the value on the loop: at once if that is the current one, else before anything that is performed later.
    /// The loop must run.
    package func fill(_ make: @escaping @Sendable () -> Value) {
        loop.executeHereOrLater {
            let made = Box(make())
            self.box.withLock { $0 = made }
        }
    }

    /// Runs `body` on the loop with the value; nothing happens without one.
    package func perform(_ body: @escaping @Sendable (Value) -> Void) {
        loop.executeHereOrLater {
            if let value = self.value { body(value) }
        }
    }

    /// Lets go of the value, on the loop.
    package func empty() {
        loop.executeHereOrLater { self.box.withLock { $0 = nil } }
    }

    /// For the loop's own thread; nil before `fill` and after `empty`.
    package var value: Value? {
        loop.preconditionCurrent()
        return valueHere
    }

    /// Where the caller knows already that it is on the loop's thread.
    var valueHere: Value? {
        guard let box = box.withLock({ $0 }) else { return nil }
        return unsafe unsafeDowncast(box, to: Box.self).value
    }
}
