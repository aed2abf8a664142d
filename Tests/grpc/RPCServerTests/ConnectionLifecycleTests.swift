import RPCServer
import Testing
import Timing

/// On a clock that the test moves.
@Suite struct ConnectionLifecycleTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func after(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

    private func lifecycle(
        maxAge: Duration? = nil, grace: Duration? = nil, maxIdle: Duration? = nil, random: Double = 0.5
    ) -> ConnectionLifecycle {
        ConnectionLifecycle(.init(maxAge: maxAge, maxAgeGrace: grace, maxIdle: maxIdle), random: random)
    }

    private func started(
        maxAge: Duration? = nil, grace: Duration? = nil, maxIdle: Duration? = nil, random: Double = 0.5
    ) -> ConnectionLifecycle {
        var lifecycle = lifecycle(maxAge: maxAge, grace: grace, maxIdle: maxIdle, random: random)
        #expect(lifecycle.started(at: start) == .none)
        return lifecycle
    }

    @Test func withoutLimitsItLivesForEver() {
        var lifecycle = started()
        #expect(lifecycle.hasStarted)
        #expect(lifecycle.deadline == .distantFuture)
        #expect(!lifecycle.streamCountMatters)
        #expect(lifecycle.timerFired(at: after(1_000_000_000)) == .none)
    }

    @Test func beforeThePrefaceNothingIsOpen() {
        var lifecycle = lifecycle(maxAge: .seconds(1), maxIdle: .seconds(1))
        #expect(!lifecycle.hasStarted)
        #expect(lifecycle.deadline == .distantFuture)
        #expect(lifecycle.timerFired(at: after(100_000)) == .none)
        #expect(lifecycle.drainPingAcknowledged(at: start) == .none)
        // There is nobody to say goodbye to.
        #expect(lifecycle.drain(at: start) == .close)
    }

    @Test func ageTakesTwoSteps() {
        var lifecycle = started(maxAge: .seconds(10))
        #expect(lifecycle.deadline == after(10_000))
        #expect(lifecycle.timerFired(at: after(9_999)) == .none)
        #expect(lifecycle.timerFired(at: after(10_000)) == .announceShutdown(debugData: "max_age"))
        #expect(lifecycle.deadline == after(15_000))
        #expect(lifecycle.timerFired(at: after(10_001)) == .none)
        #expect(lifecycle.drainPingAcknowledged(at: after(10_020)) == .goAway(debugData: "max_age"))
        #expect(lifecycle.deadline == .distantFuture)
        #expect(lifecycle.drainPingAcknowledged(at: after(10_021)) == .none)
        #expect(lifecycle.timerFired(at: after(100_000)) == .none)
    }

    @Test func ageHasJitter() {
        #expect(started(maxAge: .seconds(10), random: 0).deadline == after(9_000))
        let most = started(maxAge: .seconds(10), random: 1.0.nextDown).deadline
        #expect(most > after(10_999) && most <= after(11_000))
    }

    @Test func anAbsurdAgeIsHarmless() {
        #expect(started(maxAge: .nanoseconds(Int64.max), random: 0.99).deadline > after(1_000_000_000_000))
    }

    @Test func aClientThatIgnoresThePingHoldsNothingUp() {
        var lifecycle = started(maxAge: .seconds(10))
        _ = lifecycle.timerFired(at: after(10_000))
        #expect(lifecycle.timerFired(at: after(14_999)) == .none)
        #expect(lifecycle.timerFired(at: after(15_000)) == .goAway(debugData: "max_age"))
        // Its answer comes after all.
        #expect(lifecycle.drainPingAcknowledged(at: after(15_001)) == .none)
    }

    @Test func theGraceCountsFromTheSecondGoAway() {
        var lifecycle = started(maxAge: .seconds(10), grace: .seconds(3))
        _ = lifecycle.timerFired(at: after(10_000))
        _ = lifecycle.drainPingAcknowledged(at: after(12_000))
        #expect(lifecycle.deadline == after(15_000))
        #expect(lifecycle.timerFired(at: after(14_999)) == .none)
        #expect(lifecycle.timerFired(at: after(15_000)) == .close)
    }

    @Test func idleCountsFromTheStart() {
        var lifecycle = started(maxIdle: .seconds(2))
        #expect(lifecycle.streamCountMatters)
        #expect(lifecycle.deadline == after(2_000))
        #expect(lifecycle.timerFired(at: after(1_999)) == .none)
        #expect(lifecycle.timerFired(at: after(2_000)) == .announceShutdown(debugData: "max_idle"))
        #expect(lifecycle.drainPingAcknowledged(at: after(2_001)) == .goAway(debugData: "max_idle"))
    }

    @Test func idleCountsFromTheEndOfTheLastStream() {
        var lifecycle = started(maxIdle: .seconds(2))
        #expect(lifecycle.streamOpened(at: after(1_000)) == .none)
        #expect(lifecycle.deadline == .distantFuture)
        #expect(lifecycle.timerFired(at: after(50_000)) == .none)
        #expect(lifecycle.streamsEnded(at: after(60_000)) == .none)
        #expect(lifecycle.deadline == after(62_000))
        // Told again, it does not begin anew.
        #expect(lifecycle.streamsEnded(at: after(61_000)) == .none)
        #expect(lifecycle.deadline == after(62_000))
        _ = lifecycle.streamOpened(at: after(61_500))
        #expect(lifecycle.timerFired(at: after(62_000)) == .none)
    }

    @Test func ageCountsInSpiteOfCalls() {
        var lifecycle = started(maxAge: .seconds(10), maxIdle: .seconds(2))
        _ = lifecycle.streamOpened(at: after(1_000))
        #expect(lifecycle.deadline == after(10_000))
        #expect(lifecycle.timerFired(at: after(10_000)) == .announceShutdown(debugData: "max_age"))
    }

    @Test func stoppingTakesTheSameSteps() {
        var lifecycle = started(maxAge: .seconds(100), grace: .seconds(1))
        #expect(lifecycle.drain(at: after(500)) == .announceShutdown(debugData: ""))
        #expect(lifecycle.drain(at: after(600)) == .none)
        #expect(lifecycle.deadline == after(5_500))
        #expect(lifecycle.drainPingAcknowledged(at: after(700)) == .goAway(debugData: ""))
        #expect(lifecycle.drain(at: after(800)) == .none)
        #expect(lifecycle.deadline == after(1_700))
    }

    @Test func stoppingDuringAnAgesStepsAddsNothing() {
        var lifecycle = started(maxAge: .seconds(10))
        _ = lifecycle.timerFired(at: after(10_000))
        #expect(lifecycle.drain(at: after(10_001)) == .none)
        #expect(lifecycle.drainPingAcknowledged(at: after(10_002)) == .goAway(debugData: "max_age"))
    }
}
