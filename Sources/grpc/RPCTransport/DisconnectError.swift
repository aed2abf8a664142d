package import HTTP2
package import System

/// Why a subchannel lost its connection, as gRFC A94 sorts it. The first reason that is seen counts.
package enum DisconnectError: Hashable, Sendable {
    case goAway(HTTP2ErrorCode)
    /// This side has no more use for the subchannel.
    case subchannelShutdown
    case connectionReset
    /// By TCP, or by a keepalive PING without an answer.
    case connectionTimedOut
    case connectionAborted
    case socketError
    /// For instance a server that closes without GOAWAY.
    case unknown

    package init(_ error: SystemError) {
        self =
            if error.isConnectionReset {
                .connectionReset
            } else if error.isTimedOut {
                .connectionTimedOut
            } else if error.isConnectionAborted {
                .connectionAborted
            } else {
                .socketError
            }
    }

    /// The value of `grpc.disconnect_error`: one of a fixed set, whatever the peer sends.
    package var label: String {
        switch self {
        case .goAway(let code): code.name.map { "GOAWAY \($0)" } ?? "unknown"
        case .subchannelShutdown: "subchannel shutdown"
        case .connectionReset: "connection reset"
        case .connectionTimedOut: "connection timed out"
        case .connectionAborted: "connection aborted"
        case .socketError: "socket error"
        case .unknown: "unknown"
        }
    }
}
