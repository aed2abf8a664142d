import Bytes
import Events
import JSON

/// The lines of one loop on their way to the output: collected during a turn, and written at its end in one call. Loop
/// thread only.
final class LogBuffer: TurnEndHandler, ReadinessHandler {
    /// Of lines that the output does not take. A reader that stops must cost neither memory without end nor the
    /// service's life, so further lines are dropped, and counted.
    static let limit = 1 << 20

    private let loop: EventLoop
    private let output: LineOutput
    private let format: LogFormat
    private var pending = ByteQueue()
    private var fresh: [UInt8] = []
    private var writer = JSONWriter()
    private var time = LogTime()
    private var dropped = 0
    private var isScheduled = false
    /// Set while the output takes nothing and the loop waits for it.
    private var registration: Registration?

    init(on loop: EventLoop, output: LineOutput, format: LogFormat) {
        self.loop = loop
        self.output = output
        self.format = format
    }

    /// Adds one line in the form that is configured.
    func add(text: (LogTime, inout [UInt8]) -> Void, json: (LogTime, inout JSONWriter) -> Void) {
        guard pending.count + fresh.count < LogBuffer.limit else {
            dropped += 1
            return
        }
        time.update(unixSeconds: WallClock.now.seconds)
        switch format {
        case .text: text(time, &fresh)
        case .json:
            json(time, &writer)
            fresh.append(contentsOf: writer.bytes)
            writer.removeAll()
        }
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
        drain()
        guard !pending.isEmpty else { return }
        // A file cannot be watched, and need not be: it takes everything.
        registration = try? loop.register(output.descriptor, for: .writable, handler: self)
    }

    /// Writes what the output takes at once.
    private func drain() {
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
        if pending.isEmpty, dropped > 0 { reportDropped() }
    }

    private func reportDropped() {
        let count = dropped
        dropped = 0
        let message = "dropped \(count) log lines that nobody took from standard output"
        add(
            text: { LogLine.appendText(message, .warn, $0, to: &$1) },
            json: { LogLine.appendJSON(message, .warn, $0, to: &$1) })
    }

    /// Waits for the output, at the program's end, and gives up after a second.
    func flush() {
        drain()
        while !pending.isEmpty, output.waitUntilReady(atMost: .seconds(1)) { drain() }
        if let registration { loop.unregister(registration) }
        registration = nil
    }
}
