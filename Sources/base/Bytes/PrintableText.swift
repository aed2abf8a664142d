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
        // What methods, paths and ids mostly are goes in as it is: going through scalars takes a hundred times as long.
        let bytes = text.utf8.span
        if bytes.count <= limit, isPlain(bytes, escapingQuotes: escapingQuotes) {
            return line.append(contentsOf: bytes)
        }
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

    /// Whether no byte is a control, beyond ASCII, a backslash, or a quote where that matters. Eight bytes at a time: one
    /// by one took a twentieth of a call's instructions.
    package static func isPlain(_ bytes: Span<UInt8>, escapingQuotes: Bool = true) -> Bool {
        let quote = every(UInt8(ascii: escapingQuotes ? "\"" : "\\"))
        guard bytes.count >= 8 else {
            var word = every(UInt8(ascii: " "))
            for index in bytes.indices { word = word << 8 | UInt64(bytes[index]) }
            return special(in: word, quote) == 0
        }
        // The last eight may have been looked at in part.
        var found = special(in: bytes.word(at: bytes.count - 8), quote)
        var position = 0
        while position < bytes.count - 8 {
            found |= special(in: bytes.word(at: position), quote)
            position += 8
        }
        return found == 0
    }

    /// Has the top bit of some byte set if one of these eight is special (Warren, "Hacker's Delight", section 6-1).
    private static func special(in word: UInt64, _ quote: UInt64) -> UInt64 {
        let controls = (word &- every(0x20)) & ~word
        let beyond = word | (word &+ every(1))
        let slashes = word ^ every(UInt8(ascii: "\\"))
        let quotes = word ^ quote
        let zeros = (slashes &- every(1)) & ~slashes | (quotes &- every(1)) & ~quotes
        return (controls | beyond | zeros) & every(0x80)
    }

    private static func every(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

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
