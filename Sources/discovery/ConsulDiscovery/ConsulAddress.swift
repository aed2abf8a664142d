import Addresses
import Bytes
package import Events
package import RPCCore

/// Where Consul's agent serves its HTTP API: `CONSUL_HTTP_ADDR`, as Consul's own tools read it, but for the port where
/// there is none: they take HTTP's.
package struct ConsulAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name, or an address without brackets.
    package let host: String
    package let port: UInt16
    /// Over TLS.
    package let isSecure: Bool

    package static let defaultPort: UInt16 = 8500
    package static let defaultSecurePort: UInt16 = 8501

    /// Parses `host`, `host:port`, `[v6]:port` and each with `http://` or `https://` before it.
    package init(_ text: String) throws(RPCError) {
        var rest = text[...]
        var isSecure = false
        if let scheme = rest.firstRange(of: "://") {
            switch rest[..<scheme.lowerBound].lowercased() {
            case "http": break
            case "https": isSecure = true
            default: throw ConsulAddress.unusable(text, "the scheme is neither http nor https")
            }
            rest = rest[scheme.upperBound...]
            if rest.hasSuffix("/") { rest = rest.dropLast() }
        }
        guard let (host, port) = ConsulAddress.split(rest), ConsulAddress.isHost(host) else {
            throw ConsulAddress.unusable(text, "it is not host:port, http://host:port or https://host:port")
        }
        self.host = host
        self.port = port ?? (isSecure ? ConsulAddress.defaultSecurePort : ConsulAddress.defaultPort)
        self.isSecure = isSecure
    }

    private static func unusable(_ text: String, _ reason: String) -> RPCError {
        RPCError(.invalidArgument, "Consul's address \"\(text)\" cannot be used: \(reason)")
    }

    private static func split(_ text: Substring) -> (host: String, port: UInt16?)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let literal = String(text[text.index(after: text.startIndex)..<end])
            guard case .v6? = IPAddress(literal) else { return nil }
            let after = text[text.index(after: end)...]
            if after.isEmpty { return (literal, nil) }
            return after.hasPrefix(":") ? number(after.dropFirst()).map { (literal, $0) } : nil
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (String(text), nil)
        case 2: return number(parts[1]).map { (String(parts[0]), $0) }
        default: return nil
        }
    }

    private static func number(_ text: Substring) -> UInt16? {
        SocketAddress.port(text).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func isHost(_ text: String) -> Bool {
        if IPAddress(text) != nil { return true }
        // What looks like an IPv4 address and is none would only puzzle a DNS server.
        let isNumeric = text.utf8.allSatisfy { $0 == UInt8(ascii: ".") || $0.isASCIIDigit }
        return !isNumeric
            && text.utf8.allSatisfy { byte in
                byte.isASCIILetter || byte.isASCIIDigit
                    || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
            }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The secret that Consul's access control asks for: `CONSUL_HTTP_TOKEN`. No message and no log line has it.
package struct ConsulToken: Sendable {
    let text: String

    /// nil for what no header field can carry.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.text = text
    }
}

/// How an agent is spoken to.
package struct ConsulAccess: Sendable {
    package var address: ConsulAddress
    package var token: ConsulToken?
    package var dialer: any Dialer = PlainSockets()

    package init(_ address: ConsulAddress, token: ConsulToken? = nil) {
        self.address = address
        self.token = token
    }
}
