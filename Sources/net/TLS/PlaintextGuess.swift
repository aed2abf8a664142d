/// Whether a peer's first bytes are TLS, and what they are if not.
enum PlaintextGuess {
    /// Records of a handshake and of an alert (RFC 8446 section 5.1).
    private static let tlsTypes: ClosedRange<UInt8> = 21...22

    /// nil: a TLS record may begin like this. Else what the peer seems to speak.
    static func describe(_ bytes: Span<UInt8>) -> String? {
        guard !bytes.isEmpty else { return nil }
        let major: UInt8 = bytes.count > 1 ? bytes[1] : 3
        if tlsTypes.contains(bytes[0]), major == 3 { return nil }
        if starts(bytes, with: "PRI * HTTP/2") { return "HTTP/2 (a gRPC client, for instance)" }
        if starts(bytes, with: "HTTP/1.") { return "HTTP/1.1" }
        if starts(bytes, with: "SSH-") { return "SSH" }
        if isMethod(bytes) { return "HTTP/1.1" }
        if isSettings(bytes) { return "HTTP/2 (a gRPC server, for instance)" }
        return "something that is not TLS"
    }

    private static func starts(_ bytes: Span<UInt8>, with text: StaticString) -> Bool {
        guard bytes.count >= text.utf8CodeUnitCount else { return false }
        for (index, byte) in "\(text)".utf8.enumerated() where bytes[index] != byte { return false }
        return true
    }

    /// A word in capitals, then a space: `GET /`.
    private static func isMethod(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < min(bytes.count, 8), (0x41...0x5a).contains(bytes[index]) { index += 1 }
        return index >= 3 && index < bytes.count && bytes[index] == 0x20
    }

    /// A frame of type 4 on stream 0, which every HTTP/2 server sends first (RFC 9113 section 3.4).
    private static func isSettings(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= 9, bytes[0] == 0, bytes[1] == 0, bytes[3] == 4, bytes[4] == 0 else { return false }
        for index in 5..<9 where bytes[index] != 0 { return false }
        return true
    }
}
