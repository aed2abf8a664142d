import Channelz
import HTTPTransport
import LoadBalancing
import RPCServer
import Resolvers
import ServiceKit
import Settings
import System
import Telemetry

nonisolated func run() -> Never {
    ServiceProgram(
        name: "gateway", summary: "Answers HTTP/1.1 requests under /go with gRPC calls to the grpc-server pods.",
        settings: GatewayOptions.settings + PodOptions.settings + TLSClientOptions.settings + DiscoveryOptions.settings
            + HTTPServerOptions.settings
    ).run { service in
        let log = service.log
        let discovery = try DiscoveryOptions(service.values, on: service.loops[0])
        let resolvers = ResolverRegistry(
            [.dns, .ipv4, .ipv6, .unix, .unixAbstract, .passthrough] + discovery.resolvers)
        let options = try GatewayOptions(service.values, resolvers: resolvers, on: service.loops[0]) { log.warn($0) }
        let pods = PodDirectory(
            try PodOptions(service.values, resolvers: resolvers, on: service.loops[0]), on: service.loops[0])
        let first = FirstConnections(
            of: service.loops.count, to: options.target.description, limit: options.readyTimeout,
            readiness: service.readiness, log: log, on: service.loops[0])
        let history = ChannelHistory(
            gateway: service.identity.hostname, run: String(WallClock.nanoseconds / 1_000_000, radix: 36))
        let gateway = Gateway(
            options: options, identity: service.identity, metrics: service.metrics, log: log, history: history,
            pods: pods, spans: service.spans, firstLoop: service.loops[0],
            channelBecameReady: first.adding(on: service.loops[0]))
        let spans = service.spans.map { HTTPServerSpans($0) }
        var http = HTTPServerOptions.configuration(service.values, namesRequests: true)
        http.sampler = service.spans?.sampler
        let requests = HTTPServerMetrics(service.metrics, on: service.loops)

        let server = try HTTPServer(
            on: service.options.listenAddress, loop: service.loops[0], servingOn: service.loops,
            configuration: http,
            warned: { log.warn($0) },
            finished: { access in
                log.requestFinished(access)
                if EventsEndpoint.isListening(access) { return }
                requests.requestFinished(access)
                spans?.requestFinished(access)
            }, makeRouter: gateway.makeRouter)
        requests.countConnections(of: server, on: service.loops[0])
        service.addToAdminPort(
            gateway.channelz.makeSideServer(on: service.loops[0], RPCServer.Configuration()))
        service.announce(server.address, as: "http")
        // Who listens is a client like others, and those are sent elsewhere then.
        service.readiness.observe { if !$0 { history.dismissListeners() } }
        service.lifecycle.onAnnounce {
            first.end()
            history.end()
            server.announceStop()
        }
        service.lifecycle.onStop { grace in await server.stop(grace: grace) }
        service.lifecycle.onStop { _ in
            await gateway.channels.shutdown()
            await pods.shutdown()
        }
    }
}

run()
