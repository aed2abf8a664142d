import Bytes

/// The lines that requests and responses share.
enum HTTP1Syntax {
    /// `tchar` of RFC 9110 section 5.6.2.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
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
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"),
            UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: "="),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// What is not UTF-8 is read as ISO 8859-1, the historic meaning of such bytes (RFC 9110 section 5.5).
    static func text(_ bytes: Span<UInt8>) -> String {
        if let text = String(validating: bytes) { return text }
        var text = ""
        for index in bytes.indices { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        return text
    }

    /// A run of decimal digits; nil for anything else. More than 18 digits, which no body has, saturate.
    static func decimal(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let significant = text.utf8.drop { $0 == 0x30 }
        guard significant.count <= 18 else { return .max }
        return significant.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    static func hex(_ byte: UInt8) -> String {
        let digits = [Hexadecimal.upperDigit(byte >> 4), Hexadecimal.upperDigit(byte)]
        return "0x" + String(decoding: digits, as: UTF8.self)
    }
}

extension HTTP1Syntax {
    /// The length that the Content-Length fields agree on; nil without one.
    static func contentLength(_ fields: HTTPFields) throws(HTTP1Error) -> Int? {
        var length: Int?
        for field in fields.all where HTTPFields.equalNames(field.name, "content-length") {
            guard let value = decimal(field.value) else {
                throw HTTP1Error(.badRequest, "Content-Length is not a number; expected decimal digits only")
            }
            if let length, length != value {
                throw HTTP1Error(.badRequest, "Content-Length is given twice with different values; expected one")
            }
            length = value
        }
        return length
    }

    /// Whether the body is chunked. Any other transfer coding is refused: two readers that understand a message
    /// differently are how requests are smuggled.
    static func isChunked(_ fields: HTTPFields, version: HTTPVersion) throws(HTTP1Error) -> Bool {
        guard fields.contains("transfer-encoding") else { return false }
        guard version == .http11 else {
            throw HTTP1Error(.badRequest, "Transfer-Encoding in an HTTP/1.0 message; expected Content-Length")
        }
        guard !fields.contains("content-length") else {
            throw HTTP1Error(.badRequest, "both Transfer-Encoding and Content-Length are given; expected one of them")
        }
        let codings = fields.tokens("transfer-encoding")
        guard codings.last == "chunked", codings.filter({ $0 == "chunked" }).count == 1 else {
            throw HTTP1Error(.badRequest, "Transfer-Encoding does not end with one 'chunked'; expected 'chunked' alone")
        }
        guard codings.count == 1, fields.values("transfer-encoding").allSatisfy({ $0.utf8.count == 7 }) else {
            throw HTTP1Error(.notImplemented, "a transfer coding besides 'chunked' is not supported")
        }
        return true
    }

    static let bareLineFeed = HTTP1Error(.badRequest, "a line ends with LF alone; expected CRLF")
}
