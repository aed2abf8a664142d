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
        line.append(contentsOf: "[\(name)] ".utf8)
        line.append(contentsOf: time.dashed)
        line.append(contentsOf: " | ".utf8)
        append(String(record.status), width: 3, to: &line)
        line.append(contentsOf: " | ".utf8)
        append(duration(record.duration), width: 13, to: &line)
        line.append(contentsOf: " | ".utf8)
        append(host(record.peer), width: 15, to: &line)
        line.append(contentsOf: " | ".utf8)
        let start = line.count
        PrintableText.append(record.method, to: &line)
        line.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(7 - (line.count - start), 0) + 2))
        PrintableText.appendQuoted(record.target, to: &line)
        if let problem = record.problem {
            line.append(contentsOf: " (".utf8)
            PrintableText.append(problem, to: &line)
            line.append(UInt8(ascii: ")"))
        }
        line.append(UInt8(ascii: "\n"))
    }

    private static func append(_ text: String, width: Int, to line: inout [UInt8]) {
        line.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(width - text.unicodeScalars.count, 0)))
        line.append(contentsOf: text.utf8)
    }

    private static func host(_ peer: SocketAddress?) -> String {
        switch peer {
        case .ip(let address, _)?: address.description
        case .unix?, nil: "-"
        }
    }

    /// Three decimals in the greatest unit of which there is one: `2.098ms`.
    package static func duration(_ duration: Duration) -> String {
        let nanoseconds = max(duration.nanoseconds, 0)
        switch nanoseconds {
        case ..<1_000: return "\(nanoseconds)ns"
        case ..<1_000_000: return decimals(nanoseconds) + "µs"
        case ..<1_000_000_000: return decimals(nanoseconds / 1_000) + "ms"
        default: return decimals(nanoseconds / 1_000_000) + "s"
        }
    }

    private static func decimals(_ thousandths: Int64) -> String {
        let fraction = String(thousandths % 1_000)
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    // MARK: JSON

    static func appendJSON(_ message: String, _ level: LogLevel, _ time: LogTime, to writer: inout JSONWriter) {
        begin(level, time, message, &writer)
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
        if let traceID = record.traceID { writer.member("trace_id", PrintableText.shortened(traceID)) }
        if let requestID = record.requestID { writer.member("request_id", PrintableText.shortened(requestID)) }
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
