import RPCClient
import Testing
import Timing

/// The clock is the test's.
@Suite struct ChannelIdlenessTests {
    private static let timeout = Duration.seconds(1800)
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func at(_ seconds: Int64) -> Instant { start + .seconds(seconds) }

    @Test func withoutACallItGoesToIdleAfterTheTimeout() {
        var idleness = ChannelIdleness(timeout: Self.timeout)
        #expect(idleness.leftIdle(at: start) == at(1800))
        #expect(idleness.timerFired(at: at(1800), openCalls: 0) == .enterIdle)
    }

    @Test func theTimeCountsFromTheEndOfTheLastCall() {
        var idleness = ChannelIdleness(timeout: Self.timeout)
        _ = idleness.leftIdle(at: start)
        idleness.callEnded(at: at(700))
        idleness.callEnded(at: at(900))
        #expect(idleness.timerFired(at: at(1800), openCalls: 0) == .wait(until: at(2700)))
        #expect(idleness.timerFired(at: at(2700), openCalls: 0) == .enterIdle)
    }

    /// However long it is open, and whatever ended before it did.
    @Test func anOpenCallKeepsItFromThat() {
        var idleness = ChannelIdleness(timeout: Self.timeout)
        _ = idleness.leftIdle(at: start)
        idleness.callEnded(at: at(1))
        #expect(idleness.timerFired(at: at(1800), openCalls: 1) == .wait(until: at(3600)))
        idleness.callEnded(at: at(2000))
        // Neither sooner than the time-out after it, nor later.
        #expect(idleness.timerFired(at: at(3600), openCalls: 0) == .wait(until: at(3800)))
        #expect(idleness.timerFired(at: at(3800), openCalls: 0) == .enterIdle)
    }

    @Test func aTimerThatFiresEarlyWaitsOn() {
        var idleness = ChannelIdleness(timeout: Self.timeout)
        _ = idleness.leftIdle(at: start)
        #expect(idleness.timerFired(at: at(1799), openCalls: 0) == .wait(until: at(1800)))
    }

    @Test func withoutATimeoutItNeverDoes() {
        var idleness = ChannelIdleness(timeout: nil)
        #expect(idleness.leftIdle(at: start) == nil)
        #expect(idleness.timerFired(at: at(1_000_000), openCalls: 0) == .wait(until: .distantFuture))
    }

    /// What a busy channel's timer costs: one look in each time-out, however many calls there are.
    @Test func manyCallsMeanOneLook() {
        var idleness = ChannelIdleness(timeout: Self.timeout)
        var due = idleness.leftIdle(at: start)
        var looks = 0
        for second in Int64(1)...36_000 {
            if let time = due, at(second) >= time {
                looks += 1
                guard case .wait(let next) = idleness.timerFired(at: at(second), openCalls: 0) else {
                    Issue.record("idle in the midst of calls")
                    return
                }
                due = next
            }
            idleness.callEnded(at: at(second))
        }
        #expect(looks == 20)
    }
}
