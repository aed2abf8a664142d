package import Addresses
package import RPCCore

/// Hears of every call, for logs and metrics (gRFC A66). Called on the call's loop.
package protocol ServerObserver: AnyObject {
    /// The head has arrived. `route` is nil for an unknown method, whose `path` is whatever a client likes to send.
    func callReceived(path: [UInt8], route: Route?, peer: SocketAddress?)
    /// Once for each call received: the answer is on its way, or the call was cut off. The duration counts from the
    /// head.
    func callFinished(path: [UInt8], route: Route?, peer: SocketAddress?, _ summary: CallSummary)
}
