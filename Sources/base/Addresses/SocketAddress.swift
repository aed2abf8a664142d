import Bytes

/// Where a socket listens or connects.
package enum SocketAddress: Hashable, Sendable {
    case ip(IPAddress, port: UInt16)
    /// A path in the file system; at most 107 bytes (`sun_path`).
    case unix(path: String)
    /// A unix socket without a path, in Linux's abstract namespace (unix(7)): it goes with its last holder, and anybody
    /// in the network namespace may connect. At most 107 bytes, without the NUL that the kernel has in front of them.
    case unixAbstract(name: String)
    /// A host that is not looked up before somebody connects. Nobody listens on one.
    ///
    /// Indirect, and so a single pointer: with the payload in place Swift 6.3.1 without optimisation copies addresses as
    /// if they were aligned to 16 bytes wherever they are, and the program ends.
    indirect case host(String, port: UInt16)

    /// Parses `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every address, as `[::]:8080`), `unix:PATH` or `unix-abstract:NAME`.
    package init?(_ text: String) {
        if text.hasPrefix("unix-abstract:") {
            let name = String(text.dropFirst(14))
            // Nothing, as a name, is autobind; and gRPC's naming.md has no NUL in it.
            guard !name.isEmpty, name.utf8.count <= 107, !name.utf8.contains(0) else { return nil }
            self = .unixAbstract(name: name)
            return
        }
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
    package static let expectation =
        "an address such as 127.0.0.1:8080, [::1]:8080, :8080, unix:/run/it or unix-abstract:it"

    /// A decimal port without sign or blanks, or nil.
    package static func port(_ text: Substring) -> UInt16? {
        text.utf8.count <= 5 ? Decimal.number(text.utf8.span).flatMap { UInt16(exactly: $0) } : nil
    }

    package var port: UInt16? {
        switch self {
        case .ip(_, let port), .host(_, let port): port
        case .unix, .unixAbstract: nil
        }
    }

    package var ip: IPAddress? {
        switch self {
        case .ip(let address, _): address
        case .unix, .unixAbstract, .host: nil
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ip(.v4(let address), let port): "\(IPAddress.v4(address)):\(port)"
        case .ip(.v6(let address), let port): "[\(IPAddress.v6(address))]:\(port)"
        case .unix(let path): "unix:\(path)"
        case .unixAbstract(let name): "unix-abstract:\(name)"
        case .host(let name, let port): "\(name):\(port)"
        }
    }
}
