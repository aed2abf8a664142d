import HTTP2
import RPCCore
import RPCServer
import ServiceKit
import Settings
import System

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
    private static let messageBufferBytes = Setting(
        "MESSAGE_BUFFER_BYTES", .bytes((1 << 20)...(1 << 40)), default: 64 << 20,
        help:
            "What all calls together may hold: requests, replies that wait for their clients, 8KiB for each open call;"
            + " those of one connection a quarter. Half of the memory that the process may have is safe.")
    private static let messageTimeout = Setting(
        "MESSAGE_TIMEOUT", .duration(atLeast: .milliseconds(1)), default: .seconds(20),
        help:
            "End a call to whose request nothing was added for this long; and one whose reply waits, if room is short.")
    private static let maxConnections = Setting(
        "MAX_CONNECTIONS", .integerOrAuto(1...10_000_000), default: nil,
        help: "Connections open at once; further ones wait to be accepted. auto: nine tenths of the file descriptors"
            + " that the process may have, at most 10000.")
    private static let loadReports = Setting(
        "LOAD_REPORTS", .boolean, default: false,
        help: "Tell clients with each answer how busy this server is: its processors, its calls and errors a second"
            + " (ORCA). The policy weighted_round_robin goes by it.")

    static let settings: [any AnySetting] = [
        maxConnectionAge, maxConnectionAgeGrace, maxConnectionIdle, keepaliveTime, keepaliveTimeout, keepaliveMinTime,
        keepalivePermitWithoutStream, maxConcurrentStreams, maxReceiveMessageBytes, messageBufferBytes, messageTimeout,
        maxConnections, loadReports,
    ]

    /// What is left is for the admin port, for probes, and for what the process has open anyway.
    static func automaticConnections(of descriptors: Int) -> Int { min(max(descriptors / 10 * 9, 1), 10_000) }

    let server: RPCServer.Configuration
    let reportsLoad: Bool

    init(_ values: SettingValues) throws(UsageError) {
        reportsLoad = values[GRPCServerOptions.loadReports]
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
        server.messageBufferBytes = values[GRPCServerOptions.messageBufferBytes]
        guard server.maxMessageBytes + 65536 <= server.messageBufferBytes / 4 else {
            throw values.rejection(
                of: GRPCServerOptions.messageBufferBytes,
                because: "a quarter of it, which is what one connection gets, has no room for a message of"
                    + " MAX_RECEIVE_MESSAGE_BYTES, \(server.maxMessageBytes) bytes, and 64KiB beside it")
        }
        server.messageTimeout = values[GRPCServerOptions.messageTimeout]
        server.maxConnections =
            values[GRPCServerOptions.maxConnections]
            ?? GRPCServerOptions.automaticConnections(of: Program.descriptorLimit)
        self.server = server
    }
}
