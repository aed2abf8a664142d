import Addresses
import Events
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers

/// The channels that an examination calls by.
enum ChannelMaker {
    /// To these addresses and no others.
    static func channel(
        to addresses: [SocketAddress], _ policy: LoadBalancingPolicyName, _ examination: Examination,
        on loop: EventLoop,
        _ tracers: [any ClientTracer] = []
    ) -> Channel {
        make(StaticResolver(addresses.map { Endpoint($0) }, on: loop), policy, examination, on: loop, tracers)
    }

    /// To whom the target names, and names anew when a connection ends.
    static func channel(
        following examination: Examination, _ policy: LoadBalancingPolicyName, on loop: EventLoop,
        _ tracers: [any ClientTracer]
    ) throws(RPCError) -> Channel {
        let resolver = try examination.resolvers.makeResolver(
            examination.target, on: loop, configuration: ResolutionConfiguration(minimumInterval: .seconds(1)))
        return make(resolver, policy, examination, on: loop, tracers)
    }

    private static func make(
        _ resolver: any Resolver, _ policy: LoadBalancingPolicyName, _ examination: Examination, on loop: EventLoop,
        _ tracers: [any ClientTracer]
    ) -> Channel {
        var configuration = ChannelConfiguration()
        configuration.userAgent = "samplectl-doctor"
        // There is one resolver, which cannot be made anew.
        configuration.idleTimeout = nil
        if let tls = examination.tls { configuration.dialer = tls }
        return Channel(
            target: examination.target, resolver: resolver, policy: policy.makePolicy(seed: .random(in: 0 ... .max)),
            on: loop, configuration: configuration, tracers: tracers)
    }
}
