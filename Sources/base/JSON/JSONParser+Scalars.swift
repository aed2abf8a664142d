import Bytes

extension JSONParser {
    /// Reads a number; the read position is on its first byte.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if isAtDigit { throw error("expected no digit after a leading zero") }
        } else {
            try digits()
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let written = String(decoding: text[start..<offset], as: UTF8.self)
        // "-0" is the double: an integer has no negative zero.
        if isInteger, written != "-0", let value = Int64(written) { return .integer(value) }
        guard let value = Double(written), value.isFinite else {
            throw JSONError(offset: start, problem: "expected a number within the range of a double")
        }
        return .double(value)
    }

    private var isAtDigit: Bool { current?.isASCIIDigit == true }

    private mutating func digits() throws(JSONError) {
        guard isAtDigit else { throw error("expected a digit") }
        while isAtDigit { offset += 1 }
    }

    /// Reads a string; the read position is on its opening quote.
    mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        skipPlainBytes()
        // Most strings have no escape: they are one slice.
        if current == UInt8(ascii: "\"") {
            let value = String(validating: text.span.extracting(start..<offset))
            offset += 1
            guard let value else { throw JSONError(offset: start, problem: "expected UTF-8 in a string") }
            return value
        }
        var bytes = Array(text[start..<offset])
        while true {
            if take(UInt8(ascii: "\"")) { break }
            if take(UInt8(ascii: "\\")) {
                try escape(into: &bytes)
            } else if let byte = current, byte >= 0x20 {
                let from = offset
                skipPlainBytes()
                bytes += text[from..<offset]
            } else {
                throw error("expected no unescaped control character in a string, and a closing quote")
            }
        }
        guard let value = String(validating: bytes.span) else {
            throw JSONError(offset: start, problem: "expected UTF-8 in a string")
        }
        return value
    }

    private mutating func skipPlainBytes() {
        while let byte = current, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { offset += 1 }
    }

    /// Reads what follows a backslash.
    private mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        guard let kind = current else { throw error("expected an escape") }
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(kind)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            bytes.append(contentsOf: Unicode.UTF8.encode(try escapedScalar()) ?? .init())
            return
        default: throw error(#"expected one of " \ / b f n r t u after a backslash"#)
        }
        offset += 1
    }

    /// Reads `uXXXX`, or two of them for a character beyond U+FFFF; a half of such a pair alone is refused.
    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let start = offset
        let unpaired = JSONError(offset: start, problem: "expected a surrogate pair, found half of one")
        let first = try codeUnit()
        guard UTF16.isLeadSurrogate(first) else {
            guard let scalar = Unicode.Scalar(first) else { throw unpaired }
            return scalar
        }
        guard take(UInt8(ascii: "\\")), current == UInt8(ascii: "u") else { throw unpaired }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else { throw unpaired }
        let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { throw unpaired }
        return scalar
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        offset += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = current.flatMap(Hexadecimal.value) else {
                throw error("expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
