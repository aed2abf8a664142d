import Bytes

/// Writes the lines that requests and responses share.
///
/// Whatever a program puts into a field, the message keeps its shape: control bytes become spaces (RFC 9110 section
/// 5.5 allows that to a recipient, and here it is the last one before the wire), and a field whose name is no token is
/// left out.
enum HTTP1HeadWriter {
    static func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8.span)
    }

    static func append(name: String, value: String, to output: inout [UInt8]) {
        guard HTTP1Syntax.isToken(name.utf8.span) else { return }
        append(name, to: &output)
        append(": ", to: &output)
        appendSanitized(value, to: &output)
        append("\r\n", to: &output)
    }

    static func appendSanitized(_ value: String, to output: inout [UInt8]) {
        let start = output.count
        append(value, to: &output)
        for index in start..<output.count where !HTTP1Syntax.isValueByte(output[index]) { output[index] = 0x20 }
    }

    /// The fields of a program, without those that only the connection may decide.
    static func append(_ fields: HTTPFields, to output: inout [UInt8]) {
        if let lines = fields.lines { return output.append(contentsOf: lines) }
        for field in fields.all where !isReserved(field.name) {
            append(name: field.name, value: field.value, to: &output)
        }
    }

    private static func isReserved(_ name: String) -> Bool {
        ["content-length", "transfer-encoding", "connection", "keep-alive"].contains {
            HTTPFields.equalNames($0, name)
        }
    }
}
