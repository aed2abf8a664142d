import Addresses
import Events
import LoadBalancing
import RPCCore

extension ResolverFactory {
    /// `dns:///host:port`, and `dns://server/host:port`; an address in place of the host is its own answer.
    package static let dns = ResolverFactory("dns") { (target, loop, configuration) throws(RPCError) in
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
}
