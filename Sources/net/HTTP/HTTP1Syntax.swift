import Bytes

/// Bytes and lines, as requests and responses share them.
enum HTTP1Syntax {
    /// `tchar` of RFC 9110 section 5.6.2.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case _ where byte.isASCIILetter || byte.isASCIIDigit: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    static func isToken(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty else { return false }
        for index in text.indices where !isTokenCharacter(text[index]) { return false }
        return true
    }

    /// What a field value may hold: visible characters, space, tab, and bytes from 0x80 (RFC 9110 section 5.5).
    static func isValueByte(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == 0x09
    }

    /// `name: value`, with blanks around the value and nowhere else.
    static func field(_ line: Span<UInt8>) throws(HTTP1Error) -> HTTPFields.Field {
        var colon = 0
        while colon < line.count, line[colon] != UInt8(ascii: ":") {
            guard isTokenCharacter(line[colon]) else { throw badName(line[colon], at: colon) }
            colon += 1
        }
        guard colon < line.count else {
            throw HTTP1Error(.badRequest, "a header line has no colon; expected 'name: value'")
        }
        guard colon > 0 else {
            throw HTTP1Error(.badRequest, "a header line starts with a colon; expected a name before it")
        }
        var start = colon + 1
        var end = line.count
        while start < end, isBlank(line[start]) { start += 1 }
        while end > start, isBlank(line[end - 1]) { end -= 1 }
        let value = line.extracting(start..<end)
        for index in value.indices where !isValueByte(value[index]) {
            throw HTTP1Error(
                .badRequest,
                "a header value contains the control byte \(hex(value[index])); expected visible characters and blanks"
            )
        }
        return HTTPFields.Field(name: text(line.extracting(0..<colon)), value: text(value))
    }

    private static func badName(_ byte: UInt8, at position: Int) -> HTTP1Error {
        if isBlank(byte) {
            position == 0
                ? HTTP1Error(.badRequest, "a header line starts with a blank; folded lines are not accepted")
                : HTTP1Error(.badRequest, "a blank stands in or after a header name; expected the colon right after it")
        } else {
            HTTP1Error(.badRequest, "the byte \(hex(byte)) stands in a header name; expected a token")
        }
    }

    /// `uri-host [":" port]` of RFC 3986 without the comma, which would read as a list.
    static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case _ where byte.isASCIILetter || byte.isASCIIDigit: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"),
            UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: "="),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }

    static func isHost(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where !isHostByte(text[index]) { return false }
        return true
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// What is not UTF-8 is read as ISO 8859-1, the historic meaning of such bytes (RFC 9110 section 5.5).
    static func text(_ bytes: Span<UInt8>) -> String {
        if let text = String(validating: bytes) { return text }
        var text = ""
        for index in bytes.indices { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        return text
    }

    /// A run of decimal digits; nil for anything else. What does not fit, which no body has, saturates.
    static func decimal(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Decimal.number(text.utf8.span) ?? .max
    }

    /// `HTTP/x.y` with one digit each, and exactly this spelling (RFC 9112 section 2.3).
    static func version(_ text: Span<UInt8>) -> (major: UInt8, minor: UInt8)? {
        let isWellFormed =
            text.count == 8 && text[0] == UInt8(ascii: "H") && text[1] == UInt8(ascii: "T")
            && text[2] == UInt8(ascii: "T") && text[3] == UInt8(ascii: "P") && text[4] == UInt8(ascii: "/")
            && text[5].isASCIIDigit && text[6] == UInt8(ascii: ".") && text[7].isASCIIDigit
        return isWellFormed ? (text[5] - 0x30, text[7] - 0x30) : nil
    }

    static func hex(_ byte: UInt8) -> String {
        let digits = [Hexadecimal.upperDigit(byte >> 4), Hexadecimal.upperDigit(byte)]
        return "0x" + String(decoding: digits, as: UTF8.self)
    }

    static let bareLineFeed = HTTP1Error(.badRequest, "a line ends with LF alone; expected CRLF")
}
