import Addresses
import Bytes
import LoadBalancing
import RPCCore

/// The endpoint of a `dns` or `passthrough` target: `host`, `host:port`, `[v6 literal]` or `[v6 literal]:port`.
struct HostAndPort: Hashable, Sendable {
    /// Without brackets.
    let host: String
    let port: UInt16

    /// naming.md's default, for targets that name none.
    static let defaultPort: UInt16 = 443

    /// Without a default port the text has to name one.
    init(
        _ text: String, in target: Target, defaultPort: UInt16? = HostAndPort.defaultPort
    ) throws(RPCError) {
        // An IPv6 literal without brackets has more than one colon, and then no port.
        if let literal = IPAddress(text) {
            host = literal.description
            port = try HostAndPort.port(nil, or: defaultPort, in: target)
            return
        }
        let (name, portText) = HostAndPort.split(text)
        if text.hasPrefix("[") {
            guard name.hasSuffix("]"), case .v6(let address)? = IPAddress(String(name.dropFirst().dropLast())) else {
                throw target.unusable("\"\(name)\" is not an IPv6 address in brackets")
            }
            host = IPAddress.v6(address).description
        } else {
            try HostAndPort.check(name, in: target)
            host = String(name)
        }
        port = try HostAndPort.port(portText, or: defaultPort, in: target)
    }

    private static func port(
        _ text: Substring?, or defaultPort: UInt16?, in target: Target
    ) throws(RPCError) -> UInt16 {
        guard let text else {
            guard let defaultPort else {
                throw target.unusable(
                    "scheme \(target.scheme) adds nothing, so a port must follow the host, as in host:8080")
            }
            return defaultPort
        }
        guard let number = SocketAddress.port(text), number > 0 else {
            throw target.unusable("the port must be a number from 1 to 65535, not \"\(text)\"")
        }
        return number
    }

    private static func split(_ text: String) -> (name: Substring, port: Substring?) {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else { return (text[...], nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    private static func check(_ name: Substring, in target: Target) throws(RPCError) {
        if name.isEmpty { throw target.unusable("it has no host name") }
        for byte in name.utf8 {
            switch byte {
            case _ where byte.isASCIILetter || byte.isASCIIDigit, UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                continue
            case 0x80...:
                throw target.unusable("names beyond ASCII are written in their xn-- form")
            default:
                throw target.unusable("\"\(name)\" is not a host name")
            }
        }
        // What looks like an IPv4 address and is not one would only puzzle a DNS server.
        if name.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || $0.isASCIIDigit }),
            IPAddress(String(name)) == nil
        {
            throw target.unusable("\"\(name)\" is not an IPv4 address")
        }
    }
}

extension Target {
    func unusable(_ reason: String) -> RPCError {
        RPCError(.invalidArgument, "target \"\(self)\" cannot be used: \(reason)")
    }
}
