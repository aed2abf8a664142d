import Events
import JSON
import Synchronization
import System
import Timing

/// The lines of one loop: collected during a turn, and written at its end in one call. Loop thread only.
final class LogBuffer: TurnEndHandler, ReadinessHandler {
    private let loop: EventLoop
    private let output: LineOutput
    private var queue: LogQueue
    private var isScheduled = false
    /// Set while the output takes nothing and the loop waits for it.
    private var registration: Registration?

    init(on loop: EventLoop, output: LineOutput, format: LogFormat) {
        self.loop = loop
        self.output = output
        queue = LogQueue(output: output, format: format)
    }

    func add(text: (LogTime, inout [UInt8]) -> Void, json: (LogTime, inout JSONWriter) -> Void) {
        if queue.add(text: text, json: json) { schedule() }
    }

    func addCall(_ method: String) {
        if queue.addCall(method) { schedule() }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        loop.atTurnEnd(self)
    }

    func turnEnded() {
        isScheduled = false
        if registration == nil { write() }
    }

    func descriptorReady(_ readiness: Readiness) {
        if let registration { loop.unregister(registration) }
        registration = nil
        write()
    }

    private func write() {
        if queue.drain() { schedule() }
        guard queue.isBlocked else { return }
        // A file cannot be watched, and need not be: it takes everything.
        registration = try? loop.register(output.descriptor, for: .writable, handler: self)
    }

    func flush(until deadline: Instant) {
        queue.flush(until: deadline)
        if let registration { loop.unregister(registration) }
        registration = nil
    }
}

/// The lines of threads that have no loop, which are few: written at once. What the output does not take leaves with
/// the next of them.
final class SharedLogBuffer: Sendable {
    private let queue: Mutex<LogQueue>

    init(output: LineOutput, format: LogFormat) {
        queue = Mutex(LogQueue(output: output, format: format))
    }

    func add(text: (LogTime, inout [UInt8]) -> Void, json: (LogTime, inout JSONWriter) -> Void) {
        queue.withLock { queue in
            queue.add(text: text, json: json)
            if queue.drain() { queue.drain() }
        }
    }

    func addCall(_ method: String) {
        queue.withLock { queue in
            _ = queue.addCall(method)
            if queue.drain() { queue.drain() }
        }
    }

    func flush(until deadline: Instant) { queue.withLock { $0.flush(until: deadline) } }
}
