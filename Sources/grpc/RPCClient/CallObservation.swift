import RPCCore
import System
import Timing

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
