import Bytes

/// gRPC's media type (PROTOCOL-HTTP2, "Content-Type").
enum ContentType {
    /// `application/grpc`, alone or followed by `+proto`, `+json` … or parameters, in any case (RFC 9110 section 8.3.1).
    static func isGRPC(_ value: Span<UInt8>) -> Bool {
        let name: StaticString = "application/grpc"
        let length = name.utf8CodeUnitCount
        guard value.count >= length else { return false }
        if !value.starts(with: name) {
            for index in 0..<length where lowercased(value[index]) != name.bytes[index] { return false }
        }
        return value.count == length || value[length] == UInt8(ascii: "+") || value[length] == UInt8(ascii: ";")
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
