import Events
import RPCCore
import Timing

/// What the observers of a channel hear of one call: each attempt's start is followed by its end, and the last thing is
/// the end of the call. A call has none of these if nobody observes.
struct CallObservation {
    private let observers: [any ClientObserver]
    private let method: MethodDescriptor
    private let started = MonotonicClock.now
    private var attemptStarted: Instant?

    init?(_ observers: [any ClientObserver], _ method: MethodDescriptor) {
        if observers.isEmpty { return nil }
        self.observers = observers
        self.method = method
    }

    /// Does nothing during an attempt: a call may be looked at several times before there is a connection for it.
    mutating func attemptBegins() {
        guard attemptStarted == nil else { return }
        attemptStarted = MonotonicClock.now
        for observer in observers { observer.attemptStarted(method) }
    }

    mutating func attemptEnds(_ status: StatusCode, sentMessageBytes: Int = 0, receivedMessageBytes: Int = 0) {
        guard let begin = attemptStarted else { return }
        attemptStarted = nil
        let summary = CallSummary(
            status: status, duration: MonotonicClock.now - begin, sentMessageBytes: sentMessageBytes,
            receivedMessageBytes: receivedMessageBytes)
        for observer in observers { observer.attemptEnded(method, summary) }
    }

    mutating func callEnds(_ status: StatusCode) {
        // It may have been waiting for a connection.
        attemptEnds(status)
        let duration = MonotonicClock.now - started
        for observer in observers { observer.callEnded(method, status: status, duration: duration) }
    }
}
