import Bytes

/// Where a socket listens or connects.
package enum SocketAddress: Hashable, Sendable {
    case ip(IPAddress, port: UInt16)
    /// A path in the file system; at most 107 bytes (`sun_path`).
    case unix(path: String)

    /// Parses `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every address, as `[::]:8080`) or `unix:PATH`.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, path.utf8.count <= 107 else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = SocketAddress.port(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.isEmpty {
            self = .ip(.v6(0), port: port)
        } else if host.hasPrefix("["), host.hasSuffix("]"),
            case .v6(let address)? = IPAddress(String(host.dropFirst().dropLast()))
        {
            self = .ip(.v6(address), port: port)
        } else if case .v4(let address)? = IPAddress(String(host)) {
            self = .ip(.v4(address), port: port)
        } else {
            return nil
        }
    }

    /// What a message about a bad address says it expected.
    package static let expectation = "an address such as 127.0.0.1:8080, [::1]:8080, :8080 or unix:/run/it"

    /// A decimal port without sign or blanks, or nil.
    package static func port(_ text: Substring) -> UInt16? {
        text.utf8.count <= 5 ? Decimal.number(text.utf8.span).flatMap { UInt16(exactly: $0) } : nil
    }

    package var port: UInt16? {
        switch self {
        case .ip(_, let port): port
        case .unix: nil
        }
    }

    package var ip: IPAddress? {
        switch self {
        case .ip(let address, _): address
        case .unix: nil
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ip(.v4(let address), let port): "\(IPAddress.v4(address)):\(port)"
        case .ip(.v6(let address), let port): "[\(IPAddress.v6(address))]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
