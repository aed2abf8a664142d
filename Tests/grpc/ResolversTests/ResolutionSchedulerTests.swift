import RPCCore
import Resolvers
import Testing
import Timing

@Suite struct ResolutionSchedulerTests {
    /// Seconds on a clock that only the test moves.
    private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func scheduler(
        minimumInterval: Duration = .seconds(30), jitter: Double = 0, refreshes: Bool = false
    ) -> ResolutionScheduler {
        var backoff = BackoffConfiguration.defaults
        backoff.jitter = jitter
        return ResolutionScheduler(
            ResolutionConfiguration(
                minimumInterval: minimumInterval, backoff: backoff, refreshesAtTimeToLive: refreshes))
    }

    /// One that has looked up successfully from 0 s to 1 s.
    private func rested(
        minimumInterval: Duration = .seconds(30), timeToLive: Duration? = nil, refreshes: Bool = false
    ) -> ResolutionScheduler {
        var scheduler = scheduler(minimumInterval: minimumInterval, refreshes: refreshes)
        _ = scheduler.start(at: at(0))
        _ = scheduler.lookupSucceeded(timeToLive: timeToLive, at: at(1), random: 0)
        return scheduler
    }

    @Test func itLooksUpAtTheStartAndThenRests() {
        var scheduler = scheduler()
        #expect(scheduler.start(at: at(0)) == .lookUp(timesOutAt: at(30)))
        #expect(scheduler.lookupSucceeded(timeToLive: .seconds(5), at: at(1), random: 0) == .rest)
        #expect(scheduler.nextLookup == nil)
    }

    // MARK: The start window

    private func scheduler(startWindow: Duration, minimumInterval: Duration = .seconds(5)) -> ResolutionScheduler {
        var backoff = BackoffConfiguration.defaults
        backoff.jitter = 0
        return ResolutionScheduler(
            ResolutionConfiguration(minimumInterval: minimumInterval, backoff: backoff, startWindow: startWindow))
    }

    /// When it looks up, if each look-up takes no time and nothing else happens.
    private func lookups(of scheduler: inout ResolutionScheduler) -> [Instant] {
        var found: [Instant] = []
        var action = scheduler.start(at: at(100))
        var now = at(100)
        while found.count < 100 {
            switch action {
            case .lookUp:
                found.append(now)
                action = scheduler.lookupSucceeded(timeToLive: nil, at: now, random: 0)
            case .wait(let time):
                now = time
                action = scheduler.timerFired(at: now, random: 0)
            case .none, .rest, .timeOut: return found
            }
        }
        return found
    }

    @Test func inTheStartWindowItLooksUpAtTheMinimumIntervalWithoutAnEvent() {
        var scheduler = scheduler(startWindow: .seconds(30))
        #expect(lookups(of: &scheduler) == [0, 5, 10, 15, 20, 25, 30].map { at(100 + $0) })
        #expect(scheduler.nextLookup == nil, "after that, only an event makes it look")
    }

    @Test func theLastLookUpOfTheStartCoversAllOfTheWindow() {
        var scheduler = scheduler(startWindow: .seconds(12))
        #expect(lookups(of: &scheduler) == [0, 5, 10, 15].map { at(100 + $0) })
    }

    @Test func withoutAMinimumIntervalTheStartIsNoFlood() {
        var scheduler = scheduler(startWindow: .seconds(3), minimumInterval: .zero)
        #expect(lookups(of: &scheduler) == [0, 1, 2, 3].map { at(100 + $0) })
    }

    @Test func anUrgentRequestInTheStartWindowDoesNotWaitForItsNextLookUp() {
        var scheduler = scheduler(startWindow: .seconds(30))
        _ = scheduler.start(at: at(0))
        #expect(scheduler.lookupSucceeded(timeToLive: nil, at: at(0), random: 0) == .wait(until: at(5)))
        #expect(scheduler.resolveAgain(urgent: true, at: at(0.1), random: 0) == .wait(until: at(1)))
        #expect(scheduler.resolveAgain(urgent: false, at: at(0.2), random: 0) == .none)
    }

    @Test func aFailureInTheStartWindowIsTriedAgainAsAlwaysAndThenTheWindowGoesOn() {
        var scheduler = scheduler(startWindow: .seconds(30))
        _ = scheduler.start(at: at(0))
        #expect(scheduler.lookupFailed(at: at(0), random: 0) == .wait(until: at(1)))
        _ = scheduler.timerFired(at: at(1), random: 0)
        #expect(scheduler.lookupSucceeded(timeToLive: nil, at: at(1), random: 0) == .wait(until: at(6)))
    }

    // MARK: Requests

    @Test func aRequestAfterTheMinimumIntervalIsGrantedAtOnce() {
        var scheduler = rested()
        #expect(scheduler.resolveAgain(urgent: false, at: at(31), random: 0) == .lookUp(timesOutAt: at(61)))
    }

    @Test func anEarlyRequestIsKeptUntilTheIntervalEnds() {
        var scheduler = rested()
        #expect(scheduler.resolveAgain(urgent: false, at: at(2), random: 0) == .wait(until: at(31)))
        #expect(scheduler.nextLookup == at(31))
        #expect(scheduler.timerFired(at: at(31), random: 0) == .lookUp(timesOutAt: at(61)))
    }

    @Test func furtherEarlyRequestsChangeNothing() {
        var scheduler = rested()
        _ = scheduler.resolveAgain(urgent: false, at: at(2), random: 0)
        #expect(scheduler.resolveAgain(urgent: false, at: at(3), random: 0) == .none)
        #expect(scheduler.nextLookup == at(31))
    }

    @Test func aRequestDuringALookUpCausesAnotherOne() {
        var scheduler = scheduler()
        _ = scheduler.start(at: at(0))
        #expect(scheduler.resolveAgain(urgent: false, at: at(0.5), random: 0) == .none)
        #expect(scheduler.lookupSucceeded(timeToLive: nil, at: at(1), random: 0) == .wait(until: at(31)))
    }

    @Test func aTimerThatFiresEarlyGoesOn() {
        var scheduler = rested()
        _ = scheduler.resolveAgain(urgent: false, at: at(2), random: 0)
        #expect(scheduler.timerFired(at: at(30), random: 0) == .wait(until: at(31)))
    }

    @Test func aLookUpThatTakesTooLongTimesOutAndIsTriedAgain() {
        var scheduler = scheduler()
        _ = scheduler.start(at: at(0))
        #expect(scheduler.timerFired(at: at(29), random: 0) == .wait(until: at(30)))
        #expect(scheduler.timerFired(at: at(30), random: 0) == .timeOut(retryAt: at(31)))
        #expect(scheduler.timerFired(at: at(31), random: 0) == .lookUp(timesOutAt: at(61)))
    }

    @Test func failuresAreRetriedWithBackoffUpToTwoMinutes() {
        var scheduler = scheduler()
        var now = at(0)
        var waits: [Duration] = []
        _ = scheduler.start(at: now)
        for _ in 0..<14 {
            guard case .wait(let retryAt) = scheduler.lookupFailed(at: now, random: 0) else {
                Issue.record("no retry")
                return
            }
            waits.append(retryAt - now)
            now = retryAt
            #expect(scheduler.timerFired(at: now, random: 0) == .lookUp(timesOutAt: now + .seconds(30)))
        }
        #expect(waits.prefix(3) == [.seconds(1), .milliseconds(1600), .milliseconds(2560)])
        #expect(waits.last == .seconds(120))
        #expect(waits == waits.sorted())
    }

    @Test func aSuccessRestartsTheBackoff() {
        var scheduler = scheduler()
        _ = scheduler.start(at: at(0))
        _ = scheduler.lookupFailed(at: at(0), random: 0)
        _ = scheduler.timerFired(at: at(1), random: 0)
        _ = scheduler.lookupSucceeded(timeToLive: nil, at: at(1), random: 0)
        _ = scheduler.resolveAgain(urgent: false, at: at(40), random: 0)
        #expect(scheduler.lookupFailed(at: at(41), random: 0) == .wait(until: at(42)))
    }

    @Test func requestsDuringBackoffAddNothing() {
        var scheduler = scheduler()
        _ = scheduler.start(at: at(0))
        _ = scheduler.lookupFailed(at: at(0), random: 0)
        #expect(scheduler.resolveAgain(urgent: true, at: at(0.5), random: 0) == .none)
        #expect(scheduler.nextLookup == at(1))
    }

    @Test func jitterIsTwentyPercentEitherWay() {
        for (random, wait) in [(0.0, 0.8), (0.5, 1.0), (0.999_999_999, 1.2)] {
            var scheduler = scheduler(jitter: 0.2)
            _ = scheduler.start(at: at(0))
            guard case .wait(let retryAt) = scheduler.lookupFailed(at: at(0), random: random) else {
                Issue.record("no retry")
                return
            }
            #expect(abs(Double(retryAt.nanoseconds) / 1e9 - wait) < 1e-6)
        }
    }

    @Test func urgentRequestsFollowTheBackoffSequenceInsteadOfTheInterval() {
        var scheduler = rested()
        var now = at(1)
        for expected in [1000, 1600, 2560, 4096] {
            let due = now + .milliseconds(expected)
            #expect(scheduler.resolveAgain(urgent: true, at: now, random: 0) == .wait(until: due))
            _ = scheduler.timerFired(at: due, random: 0)
            _ = scheduler.lookupSucceeded(timeToLive: nil, at: due, random: 0)
            now = due
        }
    }

    @Test func urgentRequestsNeverWaitLongerThanTheInterval() {
        var scheduler = rested(minimumInterval: .seconds(2))
        var now = at(1)
        for expected in [1000, 1600, 2000, 2000] {
            let due = now + .milliseconds(expected)
            #expect(scheduler.resolveAgain(urgent: true, at: now, random: 0) == .wait(until: due))
            _ = scheduler.timerFired(at: due, random: 0)
            _ = scheduler.lookupSucceeded(timeToLive: nil, at: due, random: 0)
            now = due
        }
    }

    @Test func anUrgentRequestPullsAPlannedLookUpForward() {
        var scheduler = rested()
        _ = scheduler.resolveAgain(urgent: false, at: at(1.5), random: 0)
        #expect(scheduler.resolveAgain(urgent: true, at: at(1.5), random: 0) == .wait(until: at(2)))
    }

    @Test func aRequestThatIsNotUrgentRestartsTheUrgentSequence() {
        var scheduler = rested()
        _ = scheduler.resolveAgain(urgent: true, at: at(2), random: 0)
        _ = scheduler.lookupSucceeded(timeToLive: nil, at: at(2), random: 0)
        _ = scheduler.resolveAgain(urgent: false, at: at(2.1), random: 0)
        // Without the restart it would be at 3.6.
        #expect(scheduler.resolveAgain(urgent: true, at: at(2.2), random: 0) == .wait(until: at(3)))
    }

    @Test func aQuietIntervalRestartsTheUrgentSequence() {
        var scheduler = rested()
        _ = scheduler.resolveAgain(urgent: true, at: at(2), random: 0)
        _ = scheduler.lookupSucceeded(timeToLive: nil, at: at(2), random: 0)
        #expect(scheduler.resolveAgain(urgent: true, at: at(40), random: 0) == .lookUp(timesOutAt: at(70)))
        _ = scheduler.lookupSucceeded(timeToLive: nil, at: at(40), random: 0)
        #expect(scheduler.resolveAgain(urgent: true, at: at(40), random: 0) == .wait(until: at(41.6)))
    }

    @Test func urgencyDuringALookUpShortensTheWaitAfterIt() {
        var scheduler = scheduler()
        _ = scheduler.start(at: at(0))
        _ = scheduler.resolveAgain(urgent: true, at: at(0.5), random: 0)
        _ = scheduler.resolveAgain(urgent: true, at: at(0.6), random: 0)
        #expect(scheduler.lookupSucceeded(timeToLive: nil, at: at(1), random: 0) == .wait(until: at(2)))
    }

    @Test func theTimeToLiveIsIgnoredUnlessAskedFor() {
        #expect(rested(timeToLive: .seconds(5)).nextLookup == nil)
    }

    @Test func anExpiredAnswerIsRefreshedWithAtMostTenPercentDelay() {
        for (random, expected) in [(0.0, 6.0), (0.5, 6.25), (0.999_999_999, 6.5)] {
            var scheduler = scheduler(refreshes: true)
            _ = scheduler.start(at: at(0))
            let action = scheduler.lookupSucceeded(timeToLive: .seconds(5), at: at(1), random: random)
            guard case .wait(let refresh) = action else {
                Issue.record("no refresh")
                return
            }
            #expect(abs(Double(refresh.nanoseconds) / 1e9 - expected) < 1e-6)
        }
    }

    @Test func aTimeToLiveBelowASecondCountsAsASecond() {
        #expect(rested(timeToLive: .zero, refreshes: true).nextLookup == at(2))
    }

    @Test func theEarlierOfRefreshAndRequestWins() {
        var scheduler = rested(timeToLive: .seconds(60), refreshes: true)
        #expect(scheduler.resolveAgain(urgent: false, at: at(2), random: 0) == .wait(until: at(31)))
        var other = rested(timeToLive: .seconds(5), refreshes: true)
        #expect(other.resolveAgain(urgent: false, at: at(2), random: 0) == .none)
        #expect(other.nextLookup == at(6))
    }

    @Test func nothingHappensAfterShutDown() {
        var scheduler = rested()
        scheduler.shutDown()
        #expect(scheduler.resolveAgain(urgent: true, at: at(50), random: 0) == .none)
        #expect(scheduler.timerFired(at: at(50), random: 0) == .none)
        #expect(scheduler.start(at: at(50)) == .none)
    }

    @Test func anAnswerThatComesAfterItsTimeOutChangesNothing() {
        var scheduler = scheduler()
        _ = scheduler.start(at: at(0))
        _ = scheduler.timerFired(at: at(30), random: 0)
        #expect(scheduler.lookupSucceeded(timeToLive: nil, at: at(30.5), random: 0) == .none)
        #expect(scheduler.lookupFailed(at: at(30.5), random: 0) == .none)
        #expect(scheduler.nextLookup == at(31))
    }

    /// Whatever comes in whatever order: without urgency, look-ups that succeed are never closer than the interval.
    @Test(arguments: 0..<50)
    func lookUpsKeepTheirDistance(seed: UInt64) {
        var generator = Generator(state: seed)
        var scheduler = scheduler()
        var now = at(0)
        var timer: Instant?
        var lastEnd: Instant?
        var action = scheduler.start(at: now)
        for _ in 0..<200 {
            switch action {
            case .none: break
            case .rest: timer = nil
            case .wait(let time): timer = time
            case .timeOut: Issue.record("nothing takes so long here")
            case .lookUp:
                if let lastEnd { #expect(now - lastEnd >= .seconds(30)) }
                now = now + .milliseconds(Int.random(in: 0...2000, using: &generator))
                lastEnd = now
                timer = nil
                action = scheduler.lookupSucceeded(timeToLive: nil, at: now, random: 0)
                continue
            }
            if let due = timer, Bool.random(using: &generator) {
                now = due
                timer = nil
                action = scheduler.timerFired(at: now, random: 0)
            } else {
                let step = Duration.milliseconds(Int.random(in: 0...20_000, using: &generator))
                now = timer.map { min($0, now + step) } ?? now + step
                action = scheduler.resolveAgain(urgent: false, at: now, random: 0)
                if case .lookUp = action {} else { #expect(scheduler.nextLookup != nil, "a request was dropped") }
            }
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }
}
