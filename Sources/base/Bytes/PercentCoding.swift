/// Percent escapes: strict for URLs (RFC 3986), lenient for the `grpc-message` trailer.
package enum PercentCoding {
    /// Decodes every escape exactly once; nil if a `%` is not followed by two hexadecimal digits.
    ///
    /// The result is bytes: an escape may spell anything, NUL and `/` included, and the caller decides what it accepts.
    package static func decode(_ text: Span<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == percent {
                guard let escaped = escape(in: text, at: index) else { return nil }
                bytes.append(escaped)
                index += 2
            } else {
                bytes.append(plusIsSpace && byte == plus ? space : byte)
            }
        }
        return bytes
    }

    /// Like `decode(_:plusIsSpace:)`, and nil also if the decoded bytes are not UTF-8.
    package static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        let bytes = text.utf8.span
        // Nearly every path has no escape, and is passed on as it is.
        var isPlain = true
        for index in bytes.indices where bytes[index] == percent || bytes[index] == plus { isPlain = false }
        if isPlain { return String(text) }
        return decode(bytes, plusIsSpace: plusIsSpace).flatMap { String(validating: $0.span) }
    }

    /// Encodes a status message for `grpc-message`: bytes outside 0x20–0x7E and `%` become escapes
    /// (gRPC PROTOCOL-HTTP2, "Percent-Encoded").
    ///
    /// A message that would take more than `limit` bytes, escapes included, is cut behind a whole character and ends in
    /// `…`: what an error quotes may be as long as its sender liked.
    package static func encodeMessage(_ message: String, limit: Int) -> String {
        var plain = 0
        var length = 0
        for byte in message.utf8 {
            if isPlainInMessage(byte) { plain += 1 }
            length += encodedLength(of: byte)
            if length > limit { return encode(cut(message, to: limit - encodedLength(of: "…"))) + encode("…") }
        }
        return plain == length ? message : encode(message[...])
    }

    /// As many of the first characters as fit.
    private static func cut(_ message: String, to limit: Int) -> Substring {
        var length = 0
        var end = message.startIndex
        while end < message.endIndex {
            let next = message.index(after: end)
            length += encodedLength(of: message[end..<next])
            if length > limit { break }
            end = next
        }
        return message[..<end]
    }

    private static func encode(_ message: Substring) -> String {
        var text = ""
        for byte in message.utf8 {
            if isPlainInMessage(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text.unicodeScalars.append("%")
                text.unicodeScalars.append(Unicode.Scalar(Hexadecimal.upperDigit(byte >> 4)))
                text.unicodeScalars.append(Unicode.Scalar(Hexadecimal.upperDigit(byte)))
            }
        }
        return text
    }

    private static func encodedLength(of text: Substring) -> Int {
        text.utf8.reduce(0) { $0 + encodedLength(of: $1) }
    }

    private static func encodedLength(of byte: UInt8) -> Int { isPlainInMessage(byte) ? 1 : 3 }

    /// Decodes a received `grpc-message`. A message must not be lost because it is badly encoded: a bad escape stays
    /// as it is, and what is not UTF-8 becomes U+FFFD.
    package static func decodeMessage(_ encoded: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var index = 0
        while index < encoded.count {
            let byte = encoded[index]
            index += 1
            if byte == percent, let escaped = escape(in: encoded, at: index) {
                bytes.append(escaped)
                index += 2
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let percent = UInt8(ascii: "%")
    private static let plus = UInt8(ascii: "+")
    private static let space = UInt8(ascii: " ")

    private static func isPlainInMessage(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != percent
    }

    /// The byte that the two digits at `index` spell.
    private static func escape(in text: Span<UInt8>, at index: Int) -> UInt8? {
        guard text.count - index >= 2, let high = Hexadecimal.value(text[index]),
            let low = Hexadecimal.value(text[index + 1])
        else { return nil }
        return high << 4 | low
    }
}
