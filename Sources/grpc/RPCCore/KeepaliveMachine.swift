package import Timing

/// How a connection finds out that its peer is dead (gRFC A8 for clients, A9 for servers).
package struct KeepaliveParameters: Hashable, Sendable {
    /// A PING is sent when nothing was read for this long; nil: never.
    package var time: Duration?
    /// The connection is closed if nothing at all is read for this long after the PING.
    package var timeout: Duration
    /// Whether to send PINGs while no call is open.
    package var permitWithoutStream: Bool

    /// grpc-go's server: a PING after two hours, 20 s for the answer.
    package static let serverDefaults = KeepaliveParameters(
        time: slowest, timeout: .seconds(20), permitWithoutStream: true)
    /// A client sends none unless told to.
    package static let clientDefaults = KeepaliveParameters(
        time: nil, timeout: .seconds(20), permitWithoutStream: false)

    package init(time: Duration?, timeout: Duration, permitWithoutStream: Bool) {
        self.time = time
        self.timeout = timeout
        self.permitWithoutStream = permitWithoutStream
    }

    /// A server has said `too_many_pings`: half as many from now on (gRFC A8), but no fewer than one in two hours, which
    /// every server allows.
    package mutating func slowDown() {
        guard let time else { return }
        let slowest = KeepaliveParameters.slowest
        self.time = time > slowest / 2 ? max(time, slowest) : time * 2
    }

    private static let slowest = Duration.seconds(2 * 60 * 60)
}

/// Decides when to send keepalive PINGs and when to give up: a pure machine. It runs as long as its connection does,
/// also while that drains: a dead peer would hold the drain up for ever.
package struct KeepaliveMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case none
        case sendPing
        /// The peer is dead: close.
        case close
    }

    /// Payload of keepalive PINGs.
    package static let payload: UInt64 = 0x6b65_6570_616c_7665

    private let parameters: KeepaliveParameters
    private var lastRead: Instant
    private var pingSent: Instant?
    /// A PING has been sent, be it answered.
    package private(set) var hasSentPing = false

    package init(_ parameters: KeepaliveParameters, at now: Instant) {
        self.parameters = parameters
        lastRead = now
    }

    /// When `timerFired` is due. It may have moved by then: reads only note the time, since they are many.
    package var deadline: Instant {
        guard let time = parameters.time else { return .distantFuture }
        return pingSent.map { $0 + parameters.timeout } ?? lastRead + time
    }

    /// Anything at all has been read.
    package mutating func bytesRead(at now: Instant) {
        lastRead = now
        pingSent = nil
    }

    /// `hasStreams`: whether a call is open.
    package mutating func timerFired(at now: Instant, hasStreams: Bool) -> Action {
        guard let time = parameters.time, now >= deadline else { return .none }
        if pingSent != nil { return .close }
        guard hasStreams || parameters.permitWithoutStream else {
            // Dormant. Looked at again after the same time, since a call may begin meanwhile.
            lastRead = now
            return .none
        }
        guard now >= lastRead + time else { return .none }
        pingSent = now
        hasSentPing = true
        return .sendPing
    }
}
