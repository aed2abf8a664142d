package import RPCCore

/// Hears of every call, for logs and metrics (gRFC A66). Called on the call's loop.
package protocol ServerObserver: AnyObject {
    /// The head has arrived.
    func callReceived(_ call: ServerContext)
    /// Once for each call received: the answer is on its way, or the call was cut off. The duration counts from the
    /// head.
    func callFinished(_ call: ServerContext, _ summary: CallSummary)
}
