import Bytes

/// What the first bytes of a peer say of it, after gRPC's own.
package enum FirstWords: Hashable, Sendable {
    case http2
    /// With the first line: `HTTP/1.1 400 Bad Request`.
    case http1(String)
    /// A TLS record: an alert, mostly.
    case tls
    case other(String)

    /// A frame's header (RFC 9113 section 4.1): before it is whole, HTTP/2 cannot be told.
    private static let frameHeader = 9
    private static let longestLine = 80

    /// nil as long as there may be more to know. `isAll`: no more will come.
    package init?(_ bytes: [UInt8], isAll: Bool) {
        guard let first = bytes.first else { return nil }
        // Handshake and alert records of TLS 1.x (RFC 8446 section 5.1).
        if (0x15...0x16).contains(first), bytes.count >= 2, bytes[1] == 3 {
            self = .tls
            return
        }
        if bytes.starts(with: "HTTP/1.".utf8) {
            let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
            guard isAll || line.count < bytes.count else { return nil }
            self = .http1(FirstWords.text(line))
            return
        }
        if !isAll, bytes.count < FirstWords.frameHeader { return nil }
        // Every server's first frame is SETTINGS, type 4, on stream 0 (section 3.4); of gRPC's it is short.
        if bytes.count >= FirstWords.frameHeader, bytes[0] == 0, bytes[3] == 4, bytes[5..<9].allSatisfy({ $0 == 0 }) {
            self = .http2
            return
        }
        let start = FirstWords.text(bytes.prefix(24))
        // HTTP/0.9, by which some servers answer what they do not understand.
        let isMarkup = start.drop { $0 == " " }.hasPrefix("<")
        self = isMarkup ? .http1("a page without a status line") : .other(start)
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        var result: [UInt8] = []
        PrintableText.append(String(decoding: Array(bytes.prefix(longestLine)), as: UTF8.self), to: &result)
        return String(decoding: result, as: UTF8.self)
    }
}
