package import Addresses
import HTTP2
import LoadBalancing
import RPCClient
import RPCServer
import RPCTransport
import System
package import Timing

/// What the messages are made with: the loops' clock counts from the machine's start, the messages' from 1970.
package struct ChannelzClock: Sendable {
    private let wallMinusMonotonic: Int64

    /// `wall` and `monotonic` are of the same moment.
    package init(wall: Int64, monotonic: Instant) {
        wallMinusMonotonic = wall - monotonic.nanoseconds
    }

    /// The same clock, unless the wall's has been set meanwhile: between two readings of both lie some nanoseconds, and the
    /// same moment should be told by the same numbers each time.
    package func checked(wall: Int64, monotonic: Instant) -> ChannelzClock {
        let other = ChannelzClock(wall: wall, monotonic: monotonic)
        return abs(other.wallMinusMonotonic - wallMinusMonotonic) < ChannelzClock.tolerance ? self : other
    }

    /// Nanoseconds.
    private static let tolerance: Int64 = 10_000_000

    static var now: ChannelzClock { ChannelzClock(wall: WallClock.nanoseconds, monotonic: MonotonicClock.now) }

    /// 1970 for `distantFuture`, which stands for never: as grpc-go has it, and so grpcdebug, which ends with a panic at a
    /// time that is missing.
    package func timestamp(_ instant: Instant) -> ProtoTimestamp {
        instant == .distantFuture
            ? ProtoTimestamp() : ProtoTimestamp(unixNanoseconds: wallMinusMonotonic + instant.nanoseconds)
    }
}

extension ProtoTimestamp {
    package init(unixNanoseconds: Int64) {
        let (seconds, rest) = unixNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        // The nanoseconds count forward, before 1970 too.
        self.init(seconds: rest < 0 ? seconds - 1 : seconds, nanos: Int32(rest < 0 ? rest + 1_000_000_000 : rest))
    }
}

// MARK: Channels

extension ChannelMessage {
    init(_ report: ChannelReport, _ events: [ChannelzEvent], _ clock: ChannelzClock) {
        let trace = ChannelTrace(report.events, since: clock.timestamp(report.created), events.map { .init($0) })
        let calls = report.calls
        self.init(
            ref: ChannelRef(channelId: Int64(report.number), name: report.target),
            data: ChannelData(
                state: ChannelConnectivityState(report.state), target: report.target, trace: trace,
                callsStarted: Int64(calls.started), callsSucceeded: Int64(calls.succeeded),
                callsFailed: Int64(calls.failed), lastCallStartedTimestamp: clock.timestamp(calls.lastStarted)),
            subchannelRef: report.subchannels.map {
                SubchannelRef(subchannelId: Int64($0.number), name: $0.address.description)
            })
    }
}

extension Subchannel {
    init(_ report: SubchannelReport, _ events: [ChannelzEvent], _ clock: ChannelzClock) {
        // It need not be said of each that it is about this one.
        let own = events.filter { $0.subchannel == report.number }.map { ChannelTraceEvent($0, namesChild: false) }
        let name = report.address.description
        self.init(
            ref: SubchannelRef(subchannelId: Int64(report.number), name: name),
            data: ChannelData(
                state: ChannelConnectivityState(report.state), target: name,
                trace: ChannelTrace(report.events, since: clock.timestamp(report.created), own),
                callsStarted: Int64(report.started), callsSucceeded: Int64(report.succeeded),
                callsFailed: Int64(report.failed), lastCallStartedTimestamp: clock.timestamp(report.lastStarted),
                // The channel has one; those that drain take no more calls.
                maxConnectionsPerSubchannel: 1),
            socketRef: report.sockets.map { SocketRef($0) })
    }
}

extension ChannelTrace {
    fileprivate init(_ count: Int, since created: ProtoTimestamp, _ events: [ChannelTraceEvent]) {
        self.init(numEventsLogged: Int64(count), creationTimestamp: created, events: events)
    }
}

extension ChannelTraceEvent {
    fileprivate init(_ event: ChannelzEvent, namesChild: Bool = true) {
        let child = event.subchannel.map { SubchannelRef(subchannelId: Int64($0), name: event.subchannelName) }
        self.init(
            description: event.description, severity: event.isWarning ? .ctWarning : .ctInfo,
            timestamp: ProtoTimestamp(unixNanoseconds: event.unixNanoseconds),
            childRef: namesChild ? child.map { .subchannelRef($0) } : nil)
    }
}

extension ChannelConnectivityState {
    fileprivate init(_ state: ConnectivityState) {
        switch state {
        case .idle: self.init(state: .idle)
        case .connecting: self.init(state: .connecting)
        case .ready: self.init(state: .ready)
        case .transientFailure: self.init(state: .transientFailure)
        case .shutdown: self.init(state: .shutdown)
        }
    }
}

// MARK: Servers

extension Server {
    init(_ server: RPCServer, _ calls: CallFigures, _ clock: ChannelzClock) {
        let name = server.address.description
        self.init(
            ref: ServerRef(serverId: Int64(server.number), name: name),
            data: ServerData(
                trace: ChannelTrace(0, since: clock.timestamp(server.created), []),
                callsStarted: Int64(calls.started), callsSucceeded: Int64(calls.succeeded),
                callsFailed: Int64(calls.failed), lastCallStartedTimestamp: clock.timestamp(calls.lastStarted)),
            listenSocket: [SocketRef(socketId: Int64(server.listenerNumber), name: name)])
    }
}

// MARK: Sockets

extension SocketRef {
    init(_ name: SocketName) { self.init(socketId: Int64(name.number), name: name.name) }
}

extension Socket {
    init(_ report: SocketReport, _ clock: ChannelzClock) {
        self.init(
            ref: SocketRef(socketId: Int64(report.number), name: report.name), data: SocketData(report, clock),
            local: report.local.map { Address($0) }, remote: report.remote.map { Address($0) },
            security: report.cipherSuite.map { Security(model: .tls(Security.Tls(cipherSuite: .standardName($0)))) })
    }

    init(listenerOf server: RPCServer) {
        self.init(
            ref: SocketRef(socketId: Int64(server.listenerNumber), name: server.address.description),
            data: SocketData(), local: Address(server.address))
    }
}

extension SocketData {
    fileprivate init(_ report: SocketReport, _ clock: ChannelzClock) {
        let figures = report.figures
        let lastStream = clock.timestamp(figures.lastStream)
        self.init(
            streamsStarted: Int64(figures.streamsStarted), streamsSucceeded: Int64(figures.streamsSucceeded),
            streamsFailed: Int64(figures.streamsFailed), messagesSent: Int64(figures.messagesSent),
            messagesReceived: Int64(figures.messagesReceived), keepAlivesSent: Int64(figures.keepalivesSent),
            lastLocalStreamCreatedTimestamp: report.isServers ? clock.timestamp(.distantFuture) : lastStream,
            lastRemoteStreamCreatedTimestamp: report.isServers ? lastStream : clock.timestamp(.distantFuture),
            lastMessageSentTimestamp: clock.timestamp(figures.lastMessageSent),
            lastMessageReceivedTimestamp: clock.timestamp(figures.lastMessageReceived),
            // Of a connection that is just going there is none any more.
            localFlowControlWindow: ProtoInt64Value(value: Int64(report.localWindow ?? 0)),
            remoteFlowControlWindow: ProtoInt64Value(value: Int64(report.remoteWindow ?? 0)),
            receivedGoawayError: report.goAway.map { ProtoUInt32Value(value: $0.rawValue) },
            peerMaxConcurrentStreams: report.peerMaxConcurrentStreams ?? 0)
    }
}

extension Address {
    package init(_ address: SocketAddress) {
        switch address {
        case .ip(let ip, let port):
            let bytes =
                switch ip {
                case .v4(let number): Address.bytes(of: number)
                case .v6(let number): Address.bytes(of: number)
                }
            self.init(address: .tcpipAddress(TcpIpAddress(ipAddress: bytes, port: Int32(port))))
        case .unix(let path):
            self.init(address: .udsAddress(UdsAddress(filename: path)))
        case .unixAbstract(let name):
            // As ss(8) and grpc-go write it.
            self.init(address: .udsAddress(UdsAddress(filename: "@\(name)")))
        case .host:
            self.init(address: .otherAddress(OtherAddress(name: address.description)))
        }
    }

    /// As they are on the wire.
    private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
        stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
