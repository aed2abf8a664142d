import DNS
import Events
import LoadBalancing
import RPCClient
import RPCCore
import RPCMetrics
import RPCSpans
import Resolvers
import ServiceKit
import Settings
import Telemetry
import Timing

/// What the gateway can be told besides the common options.
struct GatewayOptions: Sendable {
    private static let target = Setting(
        "GRPC_TARGET", .string("TARGET"), default: "dns:///sample-service-grpc-headless:8080",
        help: "Whom to call: dns:[//server/]host[:port], ipv4:address:port,..., ipv6:..., unix:path,"
            + " unix-abstract:name, passthrough:///host:port (looked up by each connection), etcd:///name,"
            + " consul:///service, kubernetes:///service[.namespace]:port.")
    private static let policy = Setting(
        "LOAD_BALANCING_POLICY", .choice, default: LoadBalancingPolicyName.roundRobin,
        help: "How calls spread over the addresses of the target, if SERVICE_CONFIG does not say it.")
    private static let mode = Setting(
        "LOAD_BALANCING_MODE", .string("NAME"), default: "",
        help: "What the way that target and policy make is called, for those who look at /go/channel and the page.")
    private static let minimumInterval = Setting(
        "DNS_MIN_RESOLUTION_INTERVAL", .duration, default: .seconds(30),
        help: "Look-ups of the target are at least this far apart.")
    private static let startWindow = Setting(
        "DNS_START_WINDOW", .duration, default: .seconds(30),
        help: "For this long after the start the target is looked up again at that interval, whatever happens: of pods"
            + " that start together with the gateway, the first look-up finds only some.")
    private static let readyTimeout = Setting(
        "READY_TIMEOUT", .duration, default: .seconds(30),
        help: "After the start, /readyz waits this long at most for a connection to the target; 0s does not wait.")
    private static let idleTimeout = Setting(
        "CHANNEL_IDLE_TIMEOUT", .durationOrOff(atLeast: .seconds(1)), default: .seconds(30 * 60),
        help: "After so long without a call the gateway closes its gRPC connections and looks for no addresses; the"
            + " next call begins anew.")
    private static let refresh = Setting(
        "DNS_TTL_REFRESH", .boolean, default: false,
        help: "Look up again when the answer's time to live is over, not only when a connection is lost.")
    private static let callTimeout = Setting(
        "CALL_TIMEOUT", .durationOrOff, default: .seconds(65),
        help: "How long a call to a backend may take, waiting for a connection included.")
    private static let httpTarget = Setting(
        "HTTP_TARGET", .string("URL"), default: "",
        help: "Whom /go/hellohttp asks: http://host[:port]/path. Without it that path answers 501.")
    private static let listenTime = Setting(
        "EVENT_STREAM_TIME", .duration(atLeast: .milliseconds(100)), default: .seconds(60),
        help: "A reader of /go/events is told to come back after this long: who stops waits for his answer.")

    private static let keepaliveTime = Setting(
        "KEEPALIVE_TIME", .durationOrOff(atLeast: .seconds(10)), default: nil,
        help: "Send a PING on a gRPC connection on which nothing was read for this long; servers allow 5m and more.")
    private static let keepaliveTimeout = Setting(
        "KEEPALIVE_TIMEOUT", .duration(atLeast: .milliseconds(1)), default: .seconds(20),
        help: "Take the connection for dead when nothing comes for this long after the PING.")
    private static let keepalivePermitWithoutStream = Setting(
        "KEEPALIVE_PERMIT_WITHOUT_STREAM", .boolean, default: false,
        help: "Send such PINGs also while no call is open; the server has to permit it.")

    static let settings: [any AnySetting] = [
        target, policy, ServiceConfigOptions.text, mode, minimumInterval, startWindow, refresh, readyTimeout,
        idleTimeout, callTimeout, httpTarget, listenTime, keepaliveTime, keepaliveTimeout,
        keepalivePermitWithoutStream,
    ]

    let target: Target
    private let resolvers: ResolverRegistry
    let policy: LoadBalancingConfiguration
    /// For people; nil if nobody said.
    let mode: String?
    let resolution: ResolutionConfiguration
    /// How long readiness waits for the first connection.
    let readyTimeout: Duration
    /// nil: calls may take for ever.
    let callTimeout: Duration?
    let httpTarget: HTTPTarget?
    /// How long one stream of `/go/events` is.
    let listenTime: Duration
    let channel: ChannelConfiguration

    /// Throws for a target that cannot be used; `loop` is the current one, and only tries the target out. `told` hears of
    /// what an operator should know later, on any loop.
    init(
        _ values: SettingValues, resolvers: ResolverRegistry, on loop: EventLoop,
        told: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(UsageError) {
        self.resolvers = resolvers
        let serviceConfig = try ServiceConfigOptions.read(
            values, insteadOf: GatewayOptions.policy, given: values.given(GatewayOptions.policy) != nil, told: told)
        policy = serviceConfig?.policy ?? LoadBalancingConfiguration(values[GatewayOptions.policy])
        mode = values[GatewayOptions.mode].isEmpty ? nil : values[GatewayOptions.mode]
        callTimeout = values[GatewayOptions.callTimeout]
        resolution = ResolutionConfiguration(
            minimumInterval: values[GatewayOptions.minimumInterval],
            startWindow: values[GatewayOptions.startWindow],
            refreshesAtTimeToLive: values[GatewayOptions.refresh])
        readyTimeout = values[GatewayOptions.readyTimeout]
        httpTarget = try GatewayOptions.httpTarget(values)
        listenTime = values[GatewayOptions.listenTime]
        var channel = ChannelConfiguration()
        channel.serviceConfig = serviceConfig ?? channel.serviceConfig
        // One for the channels of all loops.
        channel.retryThrottle = serviceConfig?.retryThrottling.map { RetryThrottle($0) }
        channel.idleTimeout = values[GatewayOptions.idleTimeout]
        channel.keepalive = KeepaliveParameters(
            time: values[GatewayOptions.keepaliveTime], timeout: values[GatewayOptions.keepaliveTimeout],
            permitWithoutStream: values[GatewayOptions.keepalivePermitWithoutStream])
        do throws(RPCError) {
            target = try Target(values[GatewayOptions.target], knownSchemes: resolvers.schemes)
            try resolvers.makeResolver(target, on: loop, configuration: resolution).shutdown()
        } catch {
            throw values.rejection(of: GatewayOptions.target, because: error.message)
        }
        let tls = try TLSClientOptions.dialer(values, to: target.serverName, protocols: ["h2"], told: told)
        // Names come from passthrough targets only; all else goes through it as it is.
        channel.dialer = NameDialer(over: tls ?? channel.dialer)
        self.channel = channel
    }

    private static func httpTarget(_ values: SettingValues) throws(UsageError) -> HTTPTarget? {
        let text = values[httpTarget]
        if text.isEmpty { return nil }
        guard let target = HTTPTarget(text) else {
            throw values.rejection(of: httpTarget, because: "\"\(text)\" is not \(HTTPTarget.expectation)")
        }
        return target
    }

    /// The backend of `/go/hellohttp` for one loop; nil if there is none.
    func makeBackend(on loop: EventLoop, _ spans: LoopSpans?) -> HTTPBackend? {
        // An HTTP request always has an end: an hour, if there is no limit to calls.
        httpTarget.map { HTTPBackend($0, timeout: callTimeout ?? .seconds(3600), spans, on: loop) }
    }

    /// The channel of one loop.
    func makeChannel(
        on loop: EventLoop, _ metrics: MetricRegistry, _ story: ChannelStoryteller, _ spans: LoopSpans?
    ) -> Channel {
        var tracers: [any ClientTracer] = [ClientMetrics(metrics, target: target.description), story]
        if let spans {
            tracers.append(ClientSpans(spans, server: target.serverName ?? target.endpoint, on: loop))
        }
        return Channel(
            target: target, resolver: try resolvers.makeResolver(target, on: loop, configuration: resolution),
            policy: policy.makePolicy(seed: UInt64.random(in: 0 ... .max)), on: loop, configuration: channel,
            tracers: tracers)
    }
}
