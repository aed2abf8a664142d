import Addresses
package import Events
package import LoadBalancing
package import RPCCore

/// The resolvers of this build, by the scheme of a target.
package enum ResolverRegistry {
    /// For `Target.init`.
    package static let knownSchemes: Set<String> = ["dns", "ipv4", "ipv6", "unix"]

    /// Throws INVALID_ARGUMENT, with what is wrong, for a target that cannot be used. On `loop`'s thread.
    package static func makeResolver(
        _ target: Target, on loop: EventLoop, configuration: ResolutionConfiguration = ResolutionConfiguration()
    ) throws(RPCError) -> any Resolver {
        switch target.scheme {
        case "dns":
            return try makeDNSResolver(target, on: loop, configuration: configuration)
        case "ipv4", "ipv6":
            return StaticResolver(try literals(target), on: loop)
        case "unix":
            return StaticResolver([Endpoint(try unixAddress(target))], on: loop)
        default:
            let known = knownSchemes.sorted().joined(separator: ", ")
            throw target.unusable("its scheme is not one of: \(known)")
        }
    }

    private static func makeDNSResolver(
        _ target: Target, on loop: EventLoop, configuration: ResolutionConfiguration
    ) throws(RPCError) -> any Resolver {
        let server = try dnsServer(target)
        let name = try HostAndPort(target.endpoint, in: target)
        if let address = IPAddress(name.host) {
            return StaticResolver([Endpoint(.ip(address, port: name.port))], on: loop)
        }
        return DNSResolver(name, server: server, configuration: configuration, on: loop)
    }

    /// The authority: an address with or without a port, 53 by default; nil for none.
    private static func dnsServer(_ target: Target) throws(RPCError) -> SocketAddress? {
        if target.authority.isEmpty { return nil }
        if let ip = IPAddress(target.authority) { return .ip(ip, port: 53) }
        if target.authority.hasPrefix("["), target.authority.hasSuffix("]"),
            let ip = IPAddress(String(target.authority.dropFirst().dropLast()))
        {
            return .ip(ip, port: 53)
        }
        guard !target.authority.hasPrefix(":"), case .ip(let ip, let port)? = SocketAddress(target.authority), port > 0
        else {
            throw target.unusable(
                "the DNS server \"\(target.authority)\" must be an address such as 10.96.0.10 or 127.0.0.1:5353")
        }
        return .ip(ip, port: port)
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

    private static func unixAddress(_ target: Target) throws(RPCError) -> SocketAddress {
        try requireNoAuthority(target)
        guard let address = SocketAddress("unix:\(target.endpoint)") else {
            throw target.unusable("the path of a unix socket has 1 to 107 bytes")
        }
        return address
    }

    private static func requireNoAuthority(_ target: Target) throws(RPCError) {
        if !target.authority.isEmpty {
            throw target.unusable("scheme \(target.scheme) asks nobody, so it takes no authority")
        }
    }
}
