package import Timing

/// Calls an action once on its loop, at or after a deadline; can be scheduled again and again without allocation.
///
/// The loop keeps a scheduled timer alive. Loop thread only.
package final class Timer {
    private let loop: EventLoop
    private let action: () -> Void
    fileprivate var heapIndex = -1
    package fileprivate(set) var deadline = Instant.distantFuture

    package init(on loop: EventLoop, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    package var isScheduled: Bool { heapIndex >= 0 }

    /// Replaces an earlier deadline. `distantFuture` never fires and costs nothing.
    package func schedule(at deadline: Instant) {
        loop.preconditionCurrent()
        if deadline == .distantFuture { return cancel() }
        loop.schedule(self, at: deadline)
    }

    package func schedule(after delay: Duration) {
        schedule(at: loop.now + delay)
    }

    package func cancel() {
        if isScheduled { loop.cancel(self) }
    }

    func fire() { action() }
}

/// A binary heap of timers by deadline. Each timer knows its place, so that cancelling one, which nearly every call
/// deadline is, takes O(log n) and leaves nothing behind.
struct TimerHeap {
    private var heap: [Timer] = []

    var count: Int { heap.count }
    var nextDeadline: Instant? { heap.first?.deadline }

    mutating func schedule(_ timer: Timer, at deadline: Instant) {
        if timer.heapIndex < 0 {
            timer.heapIndex = heap.count
            heap.append(timer)
        }
        timer.deadline = deadline
        siftUp(timer.heapIndex)
        siftDown(timer.heapIndex)
    }

    mutating func cancel(_ timer: Timer) {
        let index = timer.heapIndex
        timer.heapIndex = -1
        timer.deadline = .distantFuture
        let last = heap.removeLast()
        guard last !== timer else { return }
        place(last, at: index)
        siftUp(index)
        siftDown(last.heapIndex)
    }

    /// Takes the earliest timer off the heap if it is due, so that its action may schedule and cancel freely.
    mutating func popDue(at now: Instant) -> Timer? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        cancel(first)
        return first
    }

    private mutating func place(_ timer: Timer, at index: Int) {
        heap[index] = timer
        timer.heapIndex = index
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        let timer = heap[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard timer.deadline < heap[parent].deadline else { break }
            place(heap[parent], at: index)
            index = parent
        }
        place(timer, at: index)
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        let timer = heap[index]
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].deadline < heap[child].deadline { child += 1 }
            guard heap[child].deadline < timer.deadline else { break }
            place(heap[child], at: index)
            index = child
        }
        place(timer, at: index)
    }
}
