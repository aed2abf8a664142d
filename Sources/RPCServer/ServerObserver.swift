package import Addresses
package import RPCCore

/// Hears of every call, for logs and metrics. Called on the call's loop.
package protocol ServerObserver: AnyObject {
    /// The head has arrived. `route` is nil for an unknown method.
    func callReceived(path: [UInt8], route: Route?, peer: SocketAddress?)
    /// The answer is on its way, or the call was cut off. `duration` counts from the head.
    func callFinished(path: [UInt8], route: Route?, peer: SocketAddress?, status: StatusCode, duration: Duration)
}
