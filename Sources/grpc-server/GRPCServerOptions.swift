import HTTP2
import RPCCore
import RPCServer
import ServiceKit

/// What grpc-server can be told besides the common options.
struct GRPCServerOptions: Sendable {
    private static let maxConnectionAge = Setting(
        "MAX_CONNECTION_AGE", .durationOrOff(atLeast: .seconds(1)), default: nil,
        help: "Close each connection gracefully at this age, +-10 %, so that clients look for new pods.")
    private static let maxConnectionAgeGrace = Setting(
        "MAX_CONNECTION_AGE_GRACE", .durationOrOff, default: nil,
        help: "How long calls may go on after that; off: until they end.")
    private static let maxConnectionIdle = Setting(
        "MAX_CONNECTION_IDLE", .durationOrOff(atLeast: .seconds(1)), default: nil,
        help: "Close a connection gracefully when it had no call for this long.")
    private static let keepaliveTime = Setting(
        "KEEPALIVE_TIME", .durationOrOff(atLeast: .seconds(1)), default: .seconds(2 * 60 * 60),
        help: "Send a PING on a connection on which nothing was read for this long.")
    private static let keepaliveTimeout = Setting(
        "KEEPALIVE_TIMEOUT", .duration(atLeast: .milliseconds(1)), default: .seconds(20),
        help: "Close the connection when nothing comes for this long after the PING.")
    private static let keepaliveMinTime = Setting(
        "KEEPALIVE_MIN_TIME", .duration, default: .seconds(5 * 60),
        help: "Clients that send PINGs more often than this are cut off with too_many_pings.")
    private static let keepalivePermitWithoutStream = Setting(
        "KEEPALIVE_PERMIT_WITHOUT_STREAM", .boolean, default: false,
        help: "Allow clients such PINGs also while they have no call open; else they must be 2h apart.")
    private static let maxConcurrentStreams = Setting(
        "MAX_CONCURRENT_STREAMS", .integer(1...1_000_000), default: 100,
        help: "Calls that a client may have open at once on one connection.")
    private static let maxReceiveMessageBytes = Setting(
        "MAX_RECEIVE_MESSAGE_BYTES", .bytes(1...0x7fff_ffff), default: 4 << 20,
        help: "Longest message taken from a client.")

    static let settings: [any AnySetting] = [
        maxConnectionAge, maxConnectionAgeGrace, maxConnectionIdle, keepaliveTime, keepaliveTimeout, keepaliveMinTime,
        keepalivePermitWithoutStream, maxConcurrentStreams, maxReceiveMessageBytes,
    ]

    let server: RPCServer.Configuration

    init(_ values: SettingValues) {
        var server = RPCServer.Configuration()
        server.maxMessageBytes = values[GRPCServerOptions.maxReceiveMessageBytes]
        server.http2.maxConcurrentStreams = UInt32(values[GRPCServerOptions.maxConcurrentStreams])
        server.lifecycle = ConnectionLifecycle.Configuration(
            maxAge: values[GRPCServerOptions.maxConnectionAge],
            maxAgeGrace: values[GRPCServerOptions.maxConnectionAgeGrace],
            maxIdle: values[GRPCServerOptions.maxConnectionIdle])
        server.keepalive = KeepaliveParameters(
            time: values[GRPCServerOptions.keepaliveTime], timeout: values[GRPCServerOptions.keepaliveTimeout],
            permitWithoutStream: true)
        server.pingEnforcement = PingEnforcement.Parameters(
            minimumTime: values[GRPCServerOptions.keepaliveMinTime],
            permitWithoutStream: values[GRPCServerOptions.keepalivePermitWithoutStream])
        self.server = server
    }
}
