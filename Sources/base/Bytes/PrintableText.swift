/// Text from outside, made safe for a line of a log or a message: it can neither end the line, nor steer a terminal, nor
/// pass for something that the program wrote.
package enum PrintableText {
    /// Bytes of one such text in a line; what follows is cut off. Thus a line stays shorter than what a pipe takes in
    /// one piece (4096).
    package static let limit = 1024

    /// In double quotes, as Go's `%q` and JSON would write it.
    package static func appendQuoted(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        append(text, to: &line, escapingQuotes: true)
        line.append(UInt8(ascii: "\""))
    }

    /// Without quotes: for the end of a line.
    package static func append(_ text: String, to line: inout [UInt8], escapingQuotes: Bool = false) {
        // What methods, paths and ids mostly are goes in as it is: going through scalars takes ten times as long.
        let isPlain = { (byte: UInt8) in
            (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\\")
                && !(escapingQuotes && byte == UInt8(ascii: "\""))
        }
        if text.utf8.count <= limit, text.utf8.allSatisfy(isPlain) { return line.append(contentsOf: text.utf8) }
        let end = line.count + limit
        for scalar in text.unicodeScalars {
            if line.count >= end {
                line.append(contentsOf: "…".utf8)
                return
            }
            switch scalar {
            case "\"" where escapingQuotes: line.append(contentsOf: #"\""#.utf8)
            case "\\": line.append(contentsOf: #"\\"#.utf8)
            case "\n": line.append(contentsOf: #"\n"#.utf8)
            case "\r": line.append(contentsOf: #"\r"#.utf8)
            case "\t": line.append(contentsOf: #"\t"#.utf8)
            case " "..."~": line.append(UInt8(truncatingIfNeeded: scalar.value))
            case _ where isInvisible(scalar): line.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
            default: line.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
            }
        }
    }

    /// Controls, separators of lines, marks of direction: whatever moves what is around it.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// At most `limit` bytes of `text`, for JSON, whose writer escapes by itself.
    package static func shortened(_ text: String) -> String {
        if text.utf8.count <= limit { return text }
        var bytes = Array(text.utf8.prefix(limit))
        while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
        if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self) + "…"
    }
}
