import Addresses
import LoadBalancing
import RPCCore

/// Targets that list their addresses themselves.
extension ResolverFactory {
    /// `ipv4:10.0.0.1:8080,10.0.0.2:8080`.
    package static let ipv4 = literal("ipv4")
    /// `ipv6:[fd00::1]:8080,[fd00::2]:8080`.
    package static let ipv6 = literal("ipv6")
    /// `unix:path`, and `unix:///absolute/path`.
    package static let unix = ResolverFactory("unix") { (target, loop, _) throws(RPCError) in
        StaticResolver([Endpoint(try unixAddress(target, "path"))], on: loop)
    }
    /// `unix-abstract:name`: a unix socket in Linux's abstract namespace, without the NUL in front.
    package static let unixAbstract = ResolverFactory("unix-abstract") { (target, loop, _) throws(RPCError) in
        StaticResolver([Endpoint(try unixAddress(target, "name"))], on: loop)
    }
    /// `passthrough:///host:port`: no look-up here. The endpoint goes to whoever connects as it is, and is looked up there,
    /// by the system, with each connection; so it is one server for the policy, whatever its name stands for. An address
    /// is taken for what it is.
    package static let passthrough = ResolverFactory("passthrough") { (target, loop, _) throws(RPCError) in
        StaticResolver([Endpoint(try connectable(target))], on: loop)
    }

    private static func connectable(_ target: Target) throws(RPCError) -> SocketAddress {
        try requireNoAuthority(target)
        if target.endpoint.hasPrefix("unix"), let address = SocketAddress(target.endpoint) { return address }
        let name = try HostAndPort(target.endpoint, in: target, defaultPort: nil)
        return IPAddress(name.host).map { .ip($0, port: name.port) } ?? .host(name.host, port: name.port)
    }

    private static func literal(_ scheme: String) -> ResolverFactory {
        ResolverFactory(scheme) { (target, loop, _) throws(RPCError) in
            StaticResolver(try literals(target), on: loop)
        }
    }

    private static func literals(_ target: Target) throws(RPCError) -> [Endpoint] {
        try requireNoAuthority(target)
        var endpoints: [Endpoint] = []
        for text in target.endpoint.split(separator: ",", omittingEmptySubsequences: false) {
            let endpoint = Endpoint(try literal(String(text), in: target))
            if !endpoints.contains(endpoint) { endpoints.append(endpoint) }
        }
        return endpoints
    }

    private static func literal(_ text: String, in target: Target) throws(RPCError) -> SocketAddress {
        let isV4 = target.scheme == "ipv4"
        let example = isV4 ? "10.0.0.1:8080" : "[fd00::1]:8080"
        guard let address = portless(text) ?? (text.hasPrefix(":") ? nil : SocketAddress(text)),
            case .ip(let ip, let port) = address, port > 0
        else { throw target.unusable("\"\(text)\" is not an address such as \(example)") }
        switch ip {
        case .v4 where isV4, .v6 where !isV4: return address
        case .v4, .v6: throw target.unusable("\"\(text)\" does not belong to the scheme; an example: \(example)")
        }
    }

    private static func portless(_ text: String) -> SocketAddress? {
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        return IPAddress(bare).map { .ip($0, port: HostAndPort.defaultPort) }
    }

    private static func unixAddress(_ target: Target, _ part: String) throws(RPCError) -> SocketAddress {
        try requireNoAuthority(target)
        guard let address = SocketAddress("\(target.scheme):\(target.endpoint)") else {
            throw target.unusable("the \(part) of a unix socket has 1 to 107 bytes")
        }
        return address
    }

    private static func requireNoAuthority(_ target: Target) throws(RPCError) {
        if !target.authority.isEmpty {
            throw target.unusable("scheme \(target.scheme) asks nobody, so it takes no authority")
        }
    }
}
