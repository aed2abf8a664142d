import Bytes
import JSON
import System
import Timing

/// Log lines in their final form, on their way to the output. Of one thread at a time.
struct LogQueue {
    /// Of lines that the output does not take. A reader that stops must cost neither memory without end nor the
    /// service's life, so further lines are dropped, and counted.
    static let limit = 1 << 20

    private let output: LineOutput
    private let format: LogFormat
    private var pending = ByteQueue()
    private var fresh: [UInt8] = []
    private var writer = JSONWriter()
    private var time = LogTime()
    private var dropped = 0
    /// The line of the last call. Calls come in runs for one method, and many in a second: their lines are the same.
    private var lastCall: (method: String, second: Int64, line: [UInt8]) = ("", .min, [])

    init(output: LineOutput, format: LogFormat) {
        self.output = output
        self.format = format
    }

    /// Whether there are lines that the output did not take.
    var isBlocked: Bool { !pending.isEmpty }

    /// Adds one line in the form that is configured; false if it had to be dropped.
    @discardableResult
    mutating func add(text: (LogTime, inout [UInt8]) -> Void, json: (LogTime, inout JSONWriter) -> Void) -> Bool {
        guard hasRoom() else { return false }
        time.update(WallClock.now)
        switch format {
        case .text: text(time, &fresh)
        case .json:
            json(time, &writer)
            fresh.append(contentsOf: writer.bytes)
            writer.removeAll()
        }
        return true
    }

    /// Adds the text line of a call; false if it had to be dropped.
    mutating func addCall(_ method: String) -> Bool {
        guard hasRoom() else { return false }
        let now = WallClock.now
        if lastCall.second != now.seconds || lastCall.method != method {
            time.update(now)
            var line: [UInt8] = []
            LogLine.appendCallText(method, time, to: &line)
            lastCall = (method, now.seconds, line)
        }
        fresh.append(contentsOf: lastCall.line)
        return true
    }

    private mutating func hasRoom() -> Bool {
        if pending.count + fresh.count < LogQueue.limit { return true }
        dropped += 1
        return false
    }

    /// Writes what the output takes at once. Answers whether that made room to tell of lines that were dropped.
    @discardableResult
    mutating func drain() -> Bool {
        // Out of their properties meanwhile, so that the output reads them without a copy.
        var lines: [UInt8] = []
        var queue = ByteQueue()
        swap(&lines, &fresh)
        swap(&queue, &pending)
        if queue.isEmpty, !lines.isEmpty {
            let done = output.write(lines.span)
            if done < lines.count { queue.append(lines.span.extracting(droppingFirst: done)) }
        } else {
            queue.append(lines.span)
            queue.consume(output.write(queue.bytes))
        }
        lines.removeAll(keepingCapacity: lines.capacity <= 64 * 1024)
        swap(&lines, &fresh)
        swap(&queue, &pending)
        guard pending.isEmpty, dropped > 0 else { return false }
        let message = "dropped \(dropped) log lines that nobody took from standard output"
        dropped = 0
        add(
            text: { LogLine.appendText(message, .warn, $0, to: &$1) },
            json: { LogLine.appendJSON(message, .warn, $0, to: &$1) })
        return true
    }

    /// Waits for the output until `deadline`, however it gets on.
    mutating func flush(until deadline: Instant) {
        drain()
        while isBlocked {
            let left = deadline - MonotonicClock.now
            guard left > .zero, output.waitUntilReady(atMost: left) else { return }
            drain()
        }
    }
}
