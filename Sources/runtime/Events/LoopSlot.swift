import Synchronization

/// A value that is made on its loop and stays there, as threads of others see it. Any thread, but for `value`.
package final class LoopSlot<Value>: Sendable {
    package let loop: EventLoop
    private let bound = Mutex<LoopBound<Value>?>(nil)

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Makes the value on the loop: at once if that is the current one, else before anything that is performed later.
    /// The loop must run.
    package func fill(_ make: @escaping @Sendable () -> Value) {
        loop.executeHereOrLater {
            let bound = LoopBound(make(), on: self.loop)
            self.bound.withLock { $0 = bound }
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
        loop.executeHereOrLater { self.bound.withLock { $0 = nil } }
    }

    /// For the loop's own thread; nil before `fill` and after `empty`.
    package var value: Value? { bound.withLock { $0 }?.value }
}
