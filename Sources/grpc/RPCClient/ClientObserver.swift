package import RPCCore
package import RPCTransport

/// Hears of the calls and connections of one channel, for metrics: what gRFCs A66 and A94 measure. Whoever makes an
/// observer knows the channel's target. Called on the channel's loop, in order, never from two places at once.
package protocol ClientObserver: AnyObject {
    /// The target has been resolved, and a subchannel is about to be picked. A transparent retry is another attempt.
    func attemptStarted(_ method: MethodDescriptor)
    /// Once for each attempt that has started. The duration includes the wait for a connection.
    func attemptEnded(_ method: MethodDescriptor, _ summary: CallSummary)
    /// Once for each call, just before its caller hears. The duration includes everything: resolution, all attempts.
    func callEnded(_ method: MethodDescriptor, status: StatusCode, duration: Duration)

    /// A connection is ready for calls, and open from now until `disconnected`.
    func connectionAttemptSucceeded()
    /// Not called for an attempt that was given up because its address is no longer wanted.
    func connectionAttemptFailed()
    /// A connection that was ready takes no more calls; those under way may go on.
    func disconnected(_ error: DisconnectError)
}
