import Bytes

/// What an application appends and asks for. Nothing goes in that could not go out: HTTP/2 has peers treat a field that
/// breaks its rules as an error of the whole call, or of the whole connection.
extension Metadata {
    /// Appends text. Blanks around it are dropped, as any peer may (PROTOCOL-HTTP2, "ASCII-Value").
    ///
    /// Throws INTERNAL, which names key and fault, unless the key is of `a`–`z`, digits, `-`, `_` and `.`, and none of
    /// HTTP's own fields, and the value is of printable ASCII and blanks; and, for a key that ends in `-bin`, base64.
    package mutating func append(_ key: String, _ value: String) throws(RPCError) {
        try Metadata.check(key)
        let bytes = value.utf8.span.trimmed
        guard bytes.isPrintableASCII else {
            throw Metadata.error(
                key, "has a value that is not printable ASCII, which only a key that ends in -bin may have")
        }
        if Metadata.isBinary(key) { _ = try Metadata.decode(bytes, of: key) }
        append(key: key.utf8.span, value: bytes)
    }

    /// Appends bytes, under a key that ends in `-bin`; base64 without padding on the wire. Throws INTERNAL for another key.
    package mutating func append(binary value: [UInt8], for key: String) throws(RPCError) {
        try Metadata.check(key)
        guard Metadata.isBinary(key) else { throw Metadata.error(key, "has to end in -bin to have bytes for a value") }
        append(key: key.utf8.span, value: Base64.encode(value).utf8.span)
    }

    /// All values of a key that ends in `-bin`, in order. Several may have come as one, with commas between them. Throws
    /// INTERNAL for one that is not base64, with or without padding.
    package func binaryValues(of key: String) throws(RPCError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        try forEach { name, value throws(RPCError) in
            if name.equals(key.utf8.span) { values += try Metadata.decode(value, of: key) }
        }
        return values
    }

    /// The values of one field.
    private static func decode(_ field: Span<UInt8>, of key: String) throws(RPCError) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var start = 0
        for index in 0...field.count where index == field.count || field[index] == UInt8(ascii: ",") {
            guard let value = Base64.decode(field.extracting(start..<index).trimmed) else {
                throw error(key, "has a value that is not base64")
            }
            values.append(value)
            start = index + 1
        }
        return values
    }

    private static func isBinary(_ key: String) -> Bool { key.utf8.span.ends(with: "-bin") }

    private static func check(_ key: String) throws(RPCError) {
        let bytes = key.utf8.span
        if bytes.isEmpty { throw error(key, "is empty") }
        for index in bytes.indices where !isKeyByte(bytes[index]) {
            throw error(key, "has to be of a–z, digits, -, _ and . alone")
        }
        if isHTTPs(bytes) { throw error(key, "is a field of HTTP's own") }
    }

    /// Header-Name of PROTOCOL-HTTP2, as a set of bits.
    private static func isKeyByte(_ byte: UInt8) -> Bool {
        let digits: UInt64 = 0x03FF_6000_0000_0000  // 0–9 - .
        let letters: UInt64 = 0x07FF_FFFE_8000_0000  // a–z _
        let bit = UInt64(1) << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: digits & bit != 0
        case 1: letters & bit != 0
        default: false
        }
    }

    /// What a peer has to refuse (RFC 9113 section 8.2.2), or what tells it something wrong of the message.
    static func isHTTPs(_ key: Span<UInt8>) -> Bool {
        if key.isEmpty { return false }
        return switch key[0] {
        case UInt8(ascii: "c"): key.equals("connection") || key.equals("content-length")
        case UInt8(ascii: "h"): key.equals("host")
        case UInt8(ascii: "k"): key.equals("keep-alive")
        case UInt8(ascii: "p"): key.equals("proxy-connection")
        case UInt8(ascii: "t"): key.equals("transfer-encoding")
        case UInt8(ascii: "u"): key.equals("upgrade")
        default: false
        }
    }

    private static func error(_ key: String, _ fault: String) -> RPCError {
        var text: [UInt8] = Array("metadata key ".utf8)
        PrintableText.appendQuoted(key, to: &text)
        return RPCError(.internal, "\(String(decoding: text, as: UTF8.self)) \(fault)")
    }
}
