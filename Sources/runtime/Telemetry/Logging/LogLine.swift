import Addresses
import Bytes
import JSON
import Timing

/// The forms of log lines. Pure: bytes are appended to `line`, a line feed included.
package enum LogLine {
    // MARK: Text

    static func appendText(_ message: String, _ level: LogLevel, _ time: LogTime, to line: inout [UInt8]) {
        line.append(contentsOf: time.plain)
        switch level {
        case .debug, .info: line.append(UInt8(ascii: " "))
        case .warn, .error: line.append(contentsOf: " \(level.rawValue): ".utf8)
        }
        PrintableText.append(message, to: &line)
        line.append(UInt8(ascii: "\n"))
    }

    static func appendCallText(_ method: String, _ time: LogTime, to line: inout [UInt8]) {
        line.append(contentsOf: time.plain)
        line.append(contentsOf: (" Received request: " as StaticString).bytes)
        PrintableText.append(method, to: &line)
        line.append(UInt8(ascii: "\n"))
    }

    /// In the columns of gin, the web framework whose log people know.
    static func appendRequestText(_ record: RequestRecord, name: String, _ time: LogTime, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "["))
        line.append(contentsOf: name.utf8.span)
        line.append(contentsOf: ("] " as StaticString).bytes)
        line.append(contentsOf: time.dashed)
        line.append(contentsOf: separator.bytes)
        appendSpaces(record.status < 10 ? 2 : record.status < 100 ? 1 : 0, to: &line)
        Decimal.append(UInt64(record.status), to: &line)
        line.append(contentsOf: separator.bytes)
        append(record.duration, width: 13, to: &line)
        line.append(contentsOf: separator.bytes)
        append(host: record.peer, width: 15, to: &line)
        line.append(contentsOf: separator.bytes)
        let start = line.count
        PrintableText.append(record.method, to: &line)
        appendSpaces(max(7 - (line.count - start), 0) + 2, to: &line)
        PrintableText.appendQuoted(record.target, to: &line)
        // One of the two: both, as long as they may be, would be more than a line may have.
        if let problem = record.problem, record.failure == nil {
            line.append(contentsOf: " (".utf8)
            PrintableText.append(problem, to: &line)
            line.append(UInt8(ascii: ")"))
        }
        if let trace = record.trace { append(trace, record.requestID, to: &line) }
        if let failure = record.failure { append(failure, to: &line) }
        line.append(UInt8(ascii: "\n"))
    }

    /// The request's id only where it is not the trace's, as that of a request without one is.
    private static func append(_ trace: TraceContext, _ requestID: String?, to line: inout [UInt8]) {
        line.append(contentsOf: (" | trace " as StaticString).bytes)
        let start = line.count
        trace.appendTraceID(to: &line)
        guard let requestID, !line.span.extracting(start..<line.count).equals(requestID.utf8.span) else { return }
        line.append(contentsOf: (" | request " as StaticString).bytes)
        PrintableText.append(requestID, to: &line)
    }

    private static func append(_ failure: RequestFailure, to line: inout [UInt8]) {
        line.append(contentsOf: " | \(failure.status): ".utf8)
        PrintableText.append(failure.cause, to: &line)
        guard let pod = failure.pod else { return }
        line.append(contentsOf: " | pod ".utf8)
        PrintableText.append(pod, to: &line)
    }

    private static let separator: StaticString = " | "
    private static let spaces: StaticString = "                "

    /// At most sixteen.
    private static func appendSpaces(_ count: Int, to line: inout [UInt8]) {
        line.append(contentsOf: spaces.bytes.extracting(first: max(count, 0)))
    }

    private static func append(host peer: SocketAddress?, width: Int, to line: inout [UInt8]) {
        let start = line.count
        switch peer {
        case .ip(let address, _)?: address.append(to: &line)
        case .unix?, .unixAbstract?, .host?, nil: line.append(UInt8(ascii: "-"))
        }
        let missing = width - (line.count - start)
        if missing > 0 { line.insert(contentsOf: repeatElement(UInt8(ascii: " "), count: missing), at: start) }
    }

    /// Three decimals in the greatest unit of which there is one: `2.098ms`.
    package static func duration(_ duration: Duration) -> String {
        var text: [UInt8] = []
        append(duration, width: 0, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ duration: Duration, width: Int, to line: inout [UInt8]) {
        let nanoseconds = UInt64(max(duration.nanoseconds, 0))
        switch nanoseconds {
        case ..<1_000:
            appendSpaces(width - digits(nanoseconds) - 2, to: &line)
            Decimal.append(nanoseconds, to: &line)
            line.append(contentsOf: ("ns" as StaticString).bytes)
        case ..<1_000_000: append(thousandths: nanoseconds, "µs", width: width - 2, to: &line)
        case ..<1_000_000_000: append(thousandths: nanoseconds / 1_000, "ms", width: width - 2, to: &line)
        default: append(thousandths: nanoseconds / 1_000_000, "s", width: width - 1, to: &line)
        }
    }

    /// `width` is that of the number, its point and decimals included.
    private static func append(thousandths: UInt64, _ unit: StaticString, width: Int, to line: inout [UInt8]) {
        let whole = thousandths / 1_000
        appendSpaces(width - digits(whole) - 4, to: &line)
        Decimal.append(whole, to: &line)
        line.append(UInt8(ascii: "."))
        Decimal.append(thousandths % 1_000, digits: 3, to: &line)
        line.append(contentsOf: unit.bytes)
    }

    private static func digits(_ number: UInt64) -> Int {
        var digits = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        return digits
    }

    // MARK: JSON

    static func appendJSON(_ message: String, _ level: LogLevel, _ time: LogTime, to writer: inout JSONWriter) {
        begin(level, time, message, &writer)
        end(&writer)
    }

    static func appendEventJSON(
        _ message: String, _ time: String, _ members: JSONMembers, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("time", time)
        writer.member("level", LogLevel.info.rawValue)
        writer.member("message", PrintableText.shortened(message))
        writer.members(members)
        end(&writer)
    }

    static func appendCallJSON(_ call: CallRecord, _ level: LogLevel, _ time: LogTime, to writer: inout JSONWriter) {
        begin(level, time, "Received request", &writer)
        writer.member("method", PrintableText.shortened(call.method))
        if let peer = call.peer { writer.member("peer", peer.description) }
        writer.member("status", call.status)
        writer.member("duration_ms", milliseconds(call.duration))
        if let traceID = call.traceID { writer.member("trace_id", PrintableText.shortened(traceID)) }
        if let requestID = call.requestID { writer.member("request_id", PrintableText.shortened(requestID)) }
        end(&writer)
    }

    static func appendRequestJSON(
        _ record: RequestRecord, name: String, _ level: LogLevel, _ time: LogTime, to writer: inout JSONWriter
    ) {
        begin(level, time, "Answered request", &writer)
        writer.member("server", name)
        writer.member("method", PrintableText.shortened(record.method))
        writer.member("target", PrintableText.shortened(record.target))
        writer.member("status", record.status)
        writer.member("duration_ms", milliseconds(record.duration))
        if let peer = record.peer { writer.member("peer", peer.description) }
        if let trace = record.trace { writer.member("trace_id", trace.traceIDText) }
        if let requestID = record.requestID { writer.member("request_id", PrintableText.shortened(requestID)) }
        if let failure = record.failure {
            writer.member("grpcStatus", failure.status)
            writer.member("cause", PrintableText.shortened(failure.cause))
            if let pod = failure.pod { writer.member("pod", PrintableText.shortened(pod)) }
        }
        if let problem = record.problem { writer.member("problem", PrintableText.shortened(problem)) }
        end(&writer)
    }

    private static func begin(_ level: LogLevel, _ time: LogTime, _ message: String, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("time", time.rfc3339)
        writer.member("level", level.rawValue)
        writer.member("message", PrintableText.shortened(message))
    }

    private static func end(_ writer: inout JSONWriter) {
        writer.endObject()
        writer.endLine()
    }

    /// With microseconds.
    private static func milliseconds(_ duration: Duration) -> Double {
        Double(max(duration.nanoseconds, 0) / 1_000) / 1_000
    }
}
