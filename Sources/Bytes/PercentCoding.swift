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
        decode(text.utf8.span, plusIsSpace: plusIsSpace).flatMap { String(validating: $0.span) }
    }

    /// Encodes a status message for `grpc-message`: bytes outside 0x20–0x7E and `%` become escapes
    /// (gRPC PROTOCOL-HTTP2, "Percent-Encoded").
    package static func encodeMessage(_ message: String) -> String {
        guard !message.utf8.allSatisfy(isPlainInMessage) else { return message }
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

    /// Decodes a received `grpc-message`. A message must not be lost because it is badly encoded: a bad escape stays
    /// as it is, and what is not UTF-8 becomes U+FFFD.
    package static func decodeMessage(_ text: String) -> String {
        guard text.utf8.contains(percent) else { return text }
        let encoded = text.utf8.span
        var bytes: [UInt8] = []
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
