/// Something that one task waits for and an event on the loop tells, once: a `Completion` without a value. A type of its own
/// because a generic one has its metadata looked up at each use, which took 3000 instructions of every gRPC call.
///
/// Loop thread only. `wait` is to be called once, from a task on the loop; a task that is cancelled goes on waiting, so
/// whoever starts the operation also cancels it.
@safe package final class Notice {
    private var isGiven = false
    private var continuation: UnsafeContinuation<Void, Never>?

    package init() {}

    package func give() {
        isGiven = true
        guard let waiter = unsafe continuation else { return }
        unsafe continuation = nil
        unsafe waiter.resume()
    }

    package func wait() async {
        if isGiven { return }
        await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            // Looked at again: the runtime may let other jobs of the loop run before it calls this.
            if isGiven { unsafe continuation.resume() } else { unsafe self.continuation = unsafe continuation }
        }
    }
}
