package import Events
package import Testing
import Timing

/// Lets a test wait until what it watches has come about. Loop thread only.
package final class Watch {
    private let loop: EventLoop
    private var waiting: [(condition: () -> Bool, continuation: CheckedContinuation<Void, Never>, watchdog: Timer)] = []

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Something has changed: waiters whose condition now holds go on.
    package func changed() {
        for waiter in waiting where waiter.condition() {
            waiter.watchdog.cancel()
            waiter.continuation.resume()
        }
        waiting.removeAll { !$0.watchdog.isScheduled }
    }

    /// A condition that is not met in a minute is recorded, and the test goes on: else it would hang.
    package func until(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: @escaping () -> Bool
    ) async {
        if condition() { return }
        await withCheckedContinuation { continuation in
            let watchdog = Timer(on: loop) { [weak self] in
                guard let self else { return }
                Issue.record("waited in vain: \(what)", sourceLocation: sourceLocation)
                for waiter in waiting where !waiter.watchdog.isScheduled { waiter.continuation.resume() }
                waiting.removeAll { !$0.watchdog.isScheduled }
            }
            waiting.append((condition, continuation, watchdog))
            watchdog.schedule(after: .seconds(60))
        }
    }
}

/// Waits for what no event tells of, such as a socket that closes once its peer has: looks every millisecond, and
/// gives up after a minute.
package func poll(
    _ what: String, on loop: EventLoop, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) async {
    for _ in 0..<60_000 {
        if condition() { return }
        try? await loop.sleep(for: .milliseconds(1))
    }
    Issue.record("waited in vain: \(what)", sourceLocation: sourceLocation)
}

/// Something that handlers wait for and a test lets happen. Loop thread only.
package final class Gate {
    private let watch: Watch
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    package private(set) var arrivals = 0

    package init(on loop: EventLoop) {
        watch = Watch(on: loop)
    }

    package func pass() async {
        arrivals += 1
        watch.changed()
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    package func open() {
        isOpen = true
        let continuations = waiting
        waiting = []
        for continuation in continuations { continuation.resume() }
    }

    /// Waits until `count` handlers have come.
    package func arrival(_ count: Int = 1, sourceLocation: SourceLocation = #_sourceLocation) async {
        await watch.until("\(count) at the gate", sourceLocation: sourceLocation) { self.arrivals >= count }
    }
}
