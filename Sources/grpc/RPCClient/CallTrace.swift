import Addresses
import RPCCore
import System
import Timing

/// What a tracer is to hear of one call: each attempt's start is followed by its end, and the last thing is the end of
/// the call. It keeps the times and tells nobody: a tracer may well look at the call that it is told of, so whoever holds
/// this tells it, when it is at rest.
struct CallTrace {
    let call: any ClientCallTracer
    /// nil between attempts, and if nobody wants to hear of this one.
    private(set) var attempt: (any ClientAttemptTracer)?
    /// The tracer is hearing of an attempt, and has not said yet who hears the rest.
    private(set) var isBeginning = false
    private let started = MonotonicClock.now
    private var attemptStarted: Instant?
    private var attemptEnded: Instant?
    /// How long there was no attempt after the first one.
    private(set) var retryDelay = Duration.zero

    init(_ call: any ClientCallTracer) {
        self.call = call
    }

    var duration: Duration { MonotonicClock.now - started }

    /// False during an attempt: a call may be looked at several times before there is a connection for it.
    mutating func beginAttempt() -> Bool {
        guard attemptStarted == nil else { return false }
        let now = MonotonicClock.now
        if let attemptEnded { retryDelay += now - attemptEnded }
        attemptStarted = now
        isBeginning = true
        return true
    }

    mutating func attemptBegan(_ tracer: (any ClientAttemptTracer)?) {
        isBeginning = false
        attempt = tracer
    }

    /// nil if no attempt has begun, or nobody listens.
    mutating func endAttempt(
        _ status: StatusCode, sentMessageBytes: Int, receivedMessageBytes: Int
    ) -> (tracer: any ClientAttemptTracer, summary: CallSummary)? {
        guard let begin = attemptStarted else { return nil }
        attemptStarted = nil
        let now = MonotonicClock.now
        attemptEnded = now
        guard let tracer = attempt else { return nil }
        attempt = nil
        let summary = CallSummary(
            status: status, duration: now - begin, sentMessageBytes: sentMessageBytes,
            receivedMessageBytes: receivedMessageBytes)
        return (tracer, summary)
    }
}
