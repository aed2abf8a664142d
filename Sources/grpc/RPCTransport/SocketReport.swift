package import Addresses
import Events
package import HTTP2
package import Timing

/// What has passed over one connection (gRFC A14). Plain numbers of its loop.
package struct SocketFigures: Hashable, Sendable {
    package var streamsStarted = 0
    /// The end of the answer has come, or has left.
    package var streamsSucceeded = 0
    package var streamsFailed = 0
    package var messagesSent = 0
    package var messagesReceived = 0
    package var keepalivesSent = 0
    // `distantFuture` if there was none.
    package var lastStream = Instant.distantFuture
    package var lastMessageSent = Instant.distantFuture
    package var lastMessageReceived = Instant.distantFuture

    package init() {}

    @inline(__always)
    package mutating func streamBegan(at now: Instant) {
        streamsStarted &+= 1
        lastStream = now
    }

    @inline(__always)
    package mutating func streamEnded(_ isWhole: Bool) {
        if isWhole { streamsSucceeded &+= 1 } else { streamsFailed &+= 1 }
    }

    @inline(__always)
    package mutating func messageSent(at now: Instant) {
        messagesSent &+= 1
        lastMessageSent = now
    }

    @inline(__always)
    package mutating func messagesReceived(_ count: Int, at now: Instant) {
        messagesReceived &+= count
        lastMessageReceived = now
    }
}

/// One connection, as it is named where there are many.
package struct SocketName: Hashable, Sendable {
    package let number: Int
    /// Who connected, and to whom: `127.0.0.1:40112 -> 127.0.0.1:8080`.
    package let name: String

    package init(_ number: Int, from client: SocketAddress?, to server: SocketAddress?) {
        self.number = number
        name = "\(client?.description ?? "?") -> \(server?.description ?? "?")"
    }
}

/// A connection's condition at one moment.
package struct SocketReport: Sendable {
    package let number: Int
    package let name: String
    package let isServers: Bool
    /// nil where there is none: the peer of a unix socket, often; and both ends, of a connection that is just going.
    package let local: SocketAddress?
    package let remote: SocketAddress?
    /// nil in clear text, and before the handshake is over.
    package let cipherSuite: String?
    package let figures: SocketFigures
    /// Bytes that this side may still send.
    package let localWindow: Int?
    /// Bytes that the peer may.
    package let remoteWindow: Int?
    package let peerMaxConcurrentStreams: UInt32?
    /// Of the last GOAWAY that has come.
    package let goAway: HTTP2ErrorCode?

    package init(
        _ name: SocketName, isServers: Bool, of connection: HTTP2Connection?, remote: SocketAddress?,
        figures: SocketFigures, goAway: HTTP2ErrorCode? = nil
    ) {
        number = name.number
        self.name = name.name
        self.isServers = isServers
        local = connection?.localAddress
        self.remote = remote
        cipherSuite = connection?.agreement.cipherSuite
        self.figures = figures
        let windows = connection?.session.connectionWindows
        localWindow = windows?.local
        remoteWindow = windows?.remote
        peerMaxConcurrentStreams = connection?.session.peerMaxConcurrentStreams
        self.goAway = goAway
    }
}
