import Addresses
import Channelz
import Events
import HTTP
import HTTPTransport
import HelloWorldAPI
import JSON
import LoadBalancing
import RPCClient
import RPCCore
import RPCMetrics
import Resolvers
import ServiceKit
import Telemetry

/// What each loop of the gateway serves: its own channel, and the routes over it.
struct Gateway: Sendable {
    let options: GatewayOptions
    let identity: ServiceIdentity
    let metrics: MetricRegistry
    let log: Log
    let history: ChannelHistory
    let pods: PodDirectory
    /// nil: there are none.
    let spans: SpanCollector?
    let channels = ChannelDirectory()
    let channelz = ChannelzDirectory()
    /// The admin server's.
    let firstLoop: EventLoop
    /// Is told once of each channel that is READY, on that channel's loop.
    let channelBecameReady: @Sendable () -> Void
    private let runs = RunLimit(DistributionEndpoint.mostRuns)

    /// Called once on each loop.
    func makeRouter(on loop: EventLoop) -> HTTPRouter {
        var router = HTTPRouter(refuse: { ErrorResponse.refusal($0, $1).unkept() })
        let channel = options.makeChannel(on: loop, metrics, ChannelStoryteller(history, log, pods), spans?.ofThisLoop)
        channels.add(channel)
        channelz.add(channel) { [history] in history.channelz($0) }
        pods.follow(channel)
        if loop === firstLoop { ClientMetrics.observeResolver(of: channel, in: metrics) }
        let bound = LoopBound(channel, on: loop)
        loop.startTask { [channelBecameReady] in
            if await bound.value.waitUntilReady() { channelBecameReady() }
        }

        let client = HelloWorldClient(channel)
        let timeout = options.callTimeout
        let sample = SampleEndpoint(identity: JSONMembers(identity.write), client: client, callTimeout: timeout)
        let helloHTTP = HelloHTTPEndpoint(identity: identity, backend: options.makeBackend(on: loop, spans?.ofThisLoop))
        let distribution = DistributionEndpoint(client: client, callTimeout: timeout, loop: loop, limit: runs)
        let stream = StreamEndpoint(client: client, callTimeout: timeout, pods: pods)
        let channelEndpoint = ChannelEndpoint(channels: channels, history: history, pods: pods, mode: options.mode)
        let events = EventsEndpoint(history: history, time: options.listenTime, loop: loop)
        let identity = identity

        get("/go", in: &router) { request throws(QueryProblem) in
            try request.head.queryParameters.check(names: [])
            return .json(.ok, identity.write)
        }
        // Not the method itself, which would be wrapped twice: this is the route that is measured.
        get("/go/sample", in: &router) { request throws(QueryProblem) in try await sample.respond(request) }
        get("/go/hellogrpc", in: &router, sample.respond)
        get("/go/hellohttp", in: &router, helloHTTP.respond)
        get("/go/distribution", in: &router, distribution.respond)
        get("/go/stream", in: &router, stream.respond)
        get("/go/channel", in: &router, channelEndpoint.respond)
        get("/go/events", in: &router, events.respond)
        return router
    }

    private func get(
        _ path: String, in router: inout HTTPRouter,
        _ endpoint: @escaping (HTTPRequest) async throws(QueryProblem) -> HTTPResponse
    ) {
        router.on(.get, path) { [pods] request in
            do throws(QueryProblem) {
                var response = try await endpoint(request).unkept()
                if let failure = response.failure { response.failure = pods.named(failure) }
                return response
            } catch {
                return ErrorResponse.badRequest(error.message).unkept()
            }
        }
    }
}

extension HTTPResponse {
    /// The same for this moment only: nobody may keep what the gateway answers.
    fileprivate consuming func unkept() -> HTTPResponse {
        head.fields.append("Cache-Control", "no-store")
        return self
    }
}
