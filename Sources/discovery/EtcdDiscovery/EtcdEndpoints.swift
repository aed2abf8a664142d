package import Events
import LoadBalancing
import RPCClient
package import RPCCore
import Resolvers

/// Where the members of an etcd are: `10.0.0.1:2379,10.0.0.2:2379`, `http://etcd:2379`.
///
/// Calls go round those that are connected, as etcd's own client does it: a member that lost its leader refuses, and the
/// next attempt asks another one.
package struct EtcdEndpoints: Hashable, Sendable {
    private static let resolvers = ResolverRegistry([.dns])
    private static let defaultPort = 2379
    /// More members than etcd recommends (7) would answer more slowly, not better.
    private static let most = 32

    private let targets: [Target]

    /// Throws INVALID_ARGUMENT, with what is wrong. `loop` is the current one, and only tries the names out.
    package init(_ text: String, on loop: EventLoop) throws(RPCError) {
        var targets: [Target] = []
        for part in text.split(separator: ",") {
            let target = Target(scheme: "dns", endpoint: try EtcdEndpoints.endpoint(String(part)))
            try EtcdEndpoints.resolvers.makeResolver(target, on: loop).shutdown()
            targets.append(target)
        }
        guard (1...EtcdEndpoints.most).contains(targets.count) else {
            throw RPCError(.invalidArgument, "it must name 1 to \(EtcdEndpoints.most) members, such as 10.0.0.1:2379")
        }
        self.targets = targets
    }

    private static func endpoint(_ text: String) throws(RPCError) -> String {
        var name = text.filter { $0 != " " }
        if name.hasPrefix("https://") {
            throw RPCError(.invalidArgument, "etcd is asked in clear text only; write \(name.dropFirst(8)) or http://…")
        }
        if name.hasPrefix("http://") { name = String(name.dropFirst(7)) }
        while name.hasSuffix("/") { name.removeLast() }
        if !name.hasPrefix("["), name.count(where: { $0 == ":" }) > 1 {
            throw RPCError(.invalidArgument, "\"\(name)\" may have a port or not; write it as [fd00::1]:2379")
        }
        let hasPort = name.lastIndex(of: ":").map { !name[$0...].contains("]") } ?? false
        return hasPort || name.isEmpty ? name : "\(name):\(defaultPort)"
    }

    /// A channel to all of them; whoever makes it shuts it down.
    func makeChannel(on loop: EventLoop) -> Channel {
        var configuration = ChannelConfiguration()
        configuration.backoff = EtcdEndpoints.backoff
        configuration.keepalive = EtcdEndpoints.keepalive
        // The authority is one member's: a list would be none.
        return Channel(
            target: targets[0], resolver: try makeResolver(on: loop),
            policy: RoundRobin(seed: .random(in: 0 ... .max)), on: loop, configuration: configuration)
    }

    private func makeResolver(on loop: EventLoop) throws(RPCError) -> any Resolver {
        var members: [any Resolver] = []
        for target in targets { members.append(try EtcdEndpoints.resolvers.makeResolver(target, on: loop)) }
        return MergedResolver(members)
    }

    /// An etcd that was away is to be found soon after it is back.
    private static let backoff: BackoffConfiguration = {
        var backoff = BackoffConfiguration.defaults
        backoff.base = .milliseconds(200)
        backoff.maximum = .seconds(2)
        backoff.minimumConnectTimeout = .seconds(5)
        return backoff
    }()

    /// A watch is silent for minutes, so that a member that is gone without a word would not be missed. etcd takes a PING
    /// each 5 s (--grpc-keepalive-min-time).
    private static let keepalive = KeepaliveParameters(
        time: .seconds(10), timeout: .seconds(5), permitWithoutStream: false)
}

extension EtcdEndpoints: CustomStringConvertible {
    package var description: String { targets.map(\.endpoint).joined(separator: ",") }
}
