import Timing

/// What a connection waits for its peer to do, and until when.
struct PeerTimeout {
    enum Reason {
        /// For the first byte of the connection's first request, or of the next one.
        case request
        case header
        case body
        /// For the peer to take the output.
        case output
        case nothing
    }

    private(set) var reason: Reason
    private var deadline: Instant
    /// When the timer goes off that has been asked for.
    private var alarm = Instant.distantFuture

    init(for reason: Reason, _ time: Duration, at now: Instant) {
        self.reason = reason
        deadline = now + time
    }

    /// Begins to wait, unless it is for what is waited for already: bytes that trickle in do not prolong it.
    mutating func begin(_ reason: Reason, _ time: Duration, at now: Instant) {
        guard self.reason != reason else { return }
        self.reason = reason
        deadline = now + time
    }

    mutating func stop() {
        reason = .nothing
        deadline = .distantFuture
    }

    mutating func stop(_ reason: Reason) {
        if self.reason == reason { stop() }
    }

    /// When the timer is to go off, if that is sooner than was asked for. One that goes off too early finds out then; so
    /// a busy connection hardly ever touches the heap of timers.
    mutating func nextAlarm() -> Instant? {
        guard deadline < alarm else { return nil }
        alarm = deadline
        return deadline
    }

    /// The timer has gone off. Answers which wait is over by that.
    mutating func expire(at now: Instant) -> Reason {
        alarm = .distantFuture
        guard now >= deadline else { return .nothing }
        defer { stop() }
        return reason
    }
}
