import JSON
package import Terminal
import Timing

/// How `logs` shows a line.
package struct LogFormatter {
    package var isJSON: Bool
    package var showsTimes: Bool
    package var paint: Paint

    package init(isJSON: Bool, showsTimes: Bool, paint: Paint) {
        self.isJSON = isJSON
        self.showsTimes = showsTimes
        self.paint = paint
    }

    /// Ends with a line feed.
    package func append(_ record: LogRecord, to output: inout [UInt8]) {
        if isJSON { return appendJSON(record, to: &output) }
        let name = record.source.text
        output += paint(PodColour.of(name), name).utf8
        output += " │ ".utf8
        if showsTimes { output += "\(RFC3339.format(unixNanoseconds: record.time)) ".utf8 }
        output += record.line
        output.append(UInt8(ascii: "\n"))
    }

    private func appendJSON(_ record: LogRecord, to output: inout [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("time", RFC3339.format(unixNanoseconds: record.time))
        writer.member("pod", record.source.pod)
        if let component = record.source.component { writer.member("component", component) }
        if let container = record.source.container { writer.member("container", container) }
        if record.line.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "{"),
            let json = try? JSONParser.parse(record.line)
        {
            writer.key("members")
            writer.value(json)
        } else {
            writer.member("line", String(decoding: record.line, as: UTF8.self))
        }
        writer.endObject()
        writer.endLine()
        output += writer.bytes
    }
}
