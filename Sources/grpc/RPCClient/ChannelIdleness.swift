package import Timing

/// When a channel has been without a call for so long that it goes to IDLE (gRPC's connectivity-semantics-and-api.md): a
/// pure machine.
///
/// Calls do not move a timer, which would cost each of them two walks through the loop's heap: they leave the time of their
/// end behind, and one timer looks at that when it may have been long enough, as grpc-go's does. A call, which is counted
/// anyway, pays for it with the turn's time written once, four instructions; and a busy channel's timer fires once in each
/// time-out.
package struct ChannelIdleness: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Look again then.
        case wait(until: Instant)
        case enterIdle
    }

    /// nil: never.
    package let timeout: Duration?
    /// When the last call ended, or the channel left IDLE.
    package private(set) var lastActivity = Instant.distantFuture

    package init(timeout: Duration?) {
        self.timeout = timeout
    }

    package mutating func callEnded(at now: Instant) { lastActivity = now }

    /// When to look for the first time; nil: never.
    package mutating func leftIdle(at now: Instant) -> Instant? {
        lastActivity = now
        return timeout.map { now + $0 }
    }

    /// `openCalls` have begun and not ended, those that wait included.
    package mutating func timerFired(at now: Instant, openCalls: Int) -> Action {
        guard let timeout else { return .wait(until: .distantFuture) }
        if openCalls > 0 { return .wait(until: now + timeout) }
        let due = lastActivity + timeout
        return now < due ? .wait(until: due) : .enterIdle
    }
}
