import Synchronization

/// How much of what one request can set off may be under way at once, on all loops together.
package final class RunLimit: Sendable {
    package let most: Int
    private let running = Mutex(0)

    package init(_ most: Int) {
        self.most = most
    }

    /// Whether there is room for one more, which then has to `leave`.
    package func enter() -> Bool {
        running.withLock { running in
            guard running < most else { return false }
            running += 1
            return true
        }
    }

    package func leave() { running.withLock { $0 -= 1 } }
}
