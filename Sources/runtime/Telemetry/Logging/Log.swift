package import Events
package import JSON
package import System
package import Timing

/// The service's log on standard output, the same object for all loops.
///
/// Lines are collected per loop and written at the end of its turn; those of other threads are written at once. Any
/// thread.
package final class Log: Sendable {
    /// Bytes a loop keeps for an output that takes none; further lines are dropped, and counted.
    package static let pendingLimit = LogQueue.limit
    /// What a reader who is slow, or stands still, may hold up the program's end.
    package static let flushTime = Duration.seconds(1)

    package let format: LogFormat
    package let level: LogLevel
    /// In front of request lines: `GATEWAY`.
    private let name: String
    private let buffers: LoopLocal<LogBuffer>
    private let shared: SharedLogBuffer

    /// `name` is the service's; `loops` must run.
    package init(
        name: String, format: LogFormat, level: LogLevel, output: LineOutput = .standardOutput, loops: [EventLoop]
    ) {
        self.name = name.uppercased()
        self.format = format
        self.level = level
        buffers = LoopLocal(on: loops) { LogBuffer(on: $0, output: output, format: format) }
        shared = SharedLogBuffer(output: output, format: format)
    }

    private func append(text: (LogTime, inout [UInt8]) -> Void, json: (LogTime, inout JSONWriter) -> Void) {
        if let buffer = buffers.current {
            buffer.add(text: text, json: json)
        } else {
            shared.add(text: text, json: json)
        }
    }

    package func isEnabled(_ level: LogLevel) -> Bool { level >= self.level }

    package func debug(_ message: @autoclosure () -> String) { add(.debug, message) }
    package func info(_ message: @autoclosure () -> String) { add(.info, message) }
    package func warn(_ message: @autoclosure () -> String) { add(.warn, message) }
    package func error(_ message: @autoclosure () -> String) { add(.error, message) }

    private func add(_ level: LogLevel, _ message: () -> String) {
        guard isEnabled(level) else { return }
        let message = message()
        append(
            text: { LogLine.appendText(message, level, $0, to: &$1) },
            json: { LogLine.appendJSON(message, level, $0, to: &$1) })
    }

    /// A line that no level hides: where the service listens. Programs read it.
    package func announce(_ message: String) {
        append(
            text: { LogLine.appendText(message, .info, $0, to: &$1) },
            json: { LogLine.appendJSON(message, .info, $0, to: &$1) })
    }

    /// An event of some part of the service, `time` as RFC 3339 has it: that and `members` stand in the JSON form.
    package func tell(_ message: String, of part: String, at time: String, _ members: JSONMembers) {
        guard isEnabled(.info) else { return }
        append(
            text: { LogLine.appendText("\(part): \(message)", .info, $0, to: &$1) },
            json: { LogLine.appendEventJSON(message, time, members, to: &$1) })
    }

    /// For what this thread's loop writes often.
    package var ofThisLoop: LoopLog { LoopLog(log: self, buffer: buffers.current, shared: shared) }

    /// A gRPC call ended. Only the JSON form has a line for this.
    package func callFinished(
        _ call: @autoclosure () -> CallRecord, level: @autoclosure () -> LogLevel = .info
    ) {
        guard format == .json else { return }
        let level = level()
        guard isEnabled(level) else { return }
        let call = call()
        append(text: { _, _ in }, json: { LogLine.appendCallJSON(call, level, $0, to: &$1) })
    }

    /// An HTTP request was answered. `name` stands in front of the line, the service's if it is nil.
    package func requestFinished(_ record: RequestRecord, level: LogLevel = .info, name: String? = nil) {
        guard isEnabled(level) else { return }
        let name = name ?? self.name
        append(
            text: { LogLine.appendRequestText(record, name: name, $0, to: &$1) },
            json: { LogLine.appendRequestJSON(record, name: name, level, $0, to: &$1) })
    }

    /// Writes out what this loop has, and what threads without a loop have left.
    package func flush() { flush(until: MonotonicClock.now + Log.flushTime) }

    /// Blocks until `deadline` at most, be it that nobody reads, or a little at a time.
    package func flush(until deadline: Instant) {
        buffers.current?.flush(until: deadline)
        shared.flush(until: deadline)
    }
}

/// A log's lines of one loop, for what is written for each call: without looking for them each time. Loop thread only.
package struct LoopLog {
    package let log: Log
    /// nil on a thread that has no loop.
    fileprivate let buffer: LogBuffer?
    fileprivate let shared: SharedLogBuffer

    /// A gRPC call came in. Only the text form has a line for this; JSON has one for the whole call.
    package func callReceived(_ method: String, level: LogLevel = .info) {
        guard log.format == .text, log.isEnabled(level) else { return }
        if let buffer { buffer.addCall(method) } else { shared.addCall(method) }
    }
}
