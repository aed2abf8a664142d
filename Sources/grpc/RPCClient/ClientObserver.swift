package import RPCCore
package import RPCTransport
import System
import Timing

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

/// What the observers of a channel are to hear of one call: each attempt's start is followed by its end, and the last
/// thing is the end of the call. It only keeps the times; whoever holds it tells the observers, when it is at rest: an
/// observer may well look at the call that it is told of.
struct CallObservation {
    private let started = MonotonicClock.now
    private var attemptStarted: Instant?

    var duration: Duration { MonotonicClock.now - started }

    /// False during an attempt: a call may be looked at several times before there is a connection for it.
    mutating func beginAttempt() -> Bool {
        guard attemptStarted == nil else { return false }
        attemptStarted = MonotonicClock.now
        return true
    }

    /// nil if no attempt has begun.
    mutating func endAttempt(_ status: StatusCode, sentMessageBytes: Int, receivedMessageBytes: Int) -> CallSummary? {
        guard let begin = attemptStarted else { return nil }
        attemptStarted = nil
        return CallSummary(
            status: status, duration: MonotonicClock.now - begin, sentMessageBytes: sentMessageBytes,
            receivedMessageBytes: receivedMessageBytes)
    }
}
