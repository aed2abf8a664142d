/// A result that one task waits for and an event on the loop delivers, once; the first delivery counts.
///
/// Loop thread only. `wait` is to be called once, from a task on the loop; a task that is cancelled goes on waiting, so
/// whoever starts the operation also cancels it.
@safe package final class Completion<Value> {
    private var value: Value?
    private var continuation: UnsafeContinuation<Void, Never>?

    package init() {}

    package func complete(_ value: Value) {
        guard self.value == nil else { return }
        self.value = value
        guard let waiter = unsafe continuation else { return }
        unsafe continuation = nil
        unsafe waiter.resume()
    }

    package func wait() async -> Value {
        while true {
            if let value { return value }
            await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                // Looked at again: the runtime may let other jobs of the loop run before it calls this.
                if value == nil { unsafe self.continuation = unsafe continuation } else { unsafe continuation.resume() }
            }
        }
    }
}
