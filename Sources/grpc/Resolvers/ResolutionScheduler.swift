import RPCCore
package import Timing

/// Decides when a name is looked up.
///
/// - At the start, and when asked to look again; never by itself, save for the three cases below.
/// - At least `minimumInterval` apart. A request that comes earlier is kept until then.
/// - While requests are urgent (no subchannel is READY), the interval is the back-off sequence instead, as long as that
///   is shorter: a replacement of every server at once must not be an outage of 30 s, as it is in grpc-go (its issues
///   4650 and 6990). The sequence begins anew when a request is not urgent, or when none has come for an interval.
/// - After a failure, or an answer that the channel refuses, again and again with back-off; requests in between add
///   nothing.
/// - Within `startWindow`, and once after it, at `minimumInterval`, but at least 1 s apart: a client that starts together
///   with its servers, as in a fresh install, sees only those that are ready first, and loses no connection that would
///   make it look again.
/// - With `refreshesAtTimeToLive`, when the answer has expired: at least 1 s later, and up to 10 % after its time, so
///   that many clients do not ask in step.
///
/// `random`, uniform in 0..<1, is the jitter. Each method's result replaces the timer that an earlier one asked for;
/// `.none` leaves it alone.
package struct ResolutionScheduler: Hashable, Sendable {
    private struct Plan: Hashable {
        var at: Instant
        var isUrgent: Bool
    }

    private struct Resting: Hashable {
        var since: Instant
        var next: Plan?
        var hasFailed: Bool

        /// Unless something earlier is planned.
        mutating func plan(at time: Instant) {
            if time < next?.at ?? .distantFuture { next = Plan(at: time, isUrgent: false) }
        }
    }

    private struct LookingUp: Hashable {
        var timesOutAt: Instant
        var isUrgent: Bool
        /// Events during a look-up may be younger than what it finds.
        var request: Request?
    }

    private enum Request: Hashable {
        case normal
        case urgent
    }

    private enum State: Hashable {
        case idle
        case lookingUp(LookingUp)
        case resting(Resting)
        case shutDown
    }

    private static let shortestTimeToLive = Duration.seconds(1)
    private static let shortestStartInterval = Duration.seconds(1)
    private static let refreshJitter = 0.1

    private let configuration: ResolutionConfiguration
    private var state = State.idle
    /// nil before the start.
    private var startWindowEnd: Instant?
    private var failureBackoff: Backoff
    private var urgentBackoff: Backoff
    /// How long after a look-up an urgent one may follow.
    private var urgentInterval: Duration

    package init(_ configuration: ResolutionConfiguration) {
        self.configuration = configuration
        failureBackoff = Backoff(configuration.backoff)
        urgentBackoff = Backoff(configuration.backoff)
        urgentInterval = configuration.minimumInterval
    }

    package enum Action: Hashable, Sendable {
        /// Nothing changes; a timer that runs goes on.
        case none
        /// Look up, and call `timerFired` at the given time.
        case lookUp(timesOutAt: Instant)
        /// Call `timerFired` at the given time.
        case wait(until: Instant)
        /// No timer.
        case rest
        /// The look-up takes too long: abandon it, report the failure, and call `timerFired` at the given time.
        case timeOut(retryAt: Instant)
    }

    /// The next look-up that is planned.
    package var nextLookup: Instant? {
        switch state {
        case .resting(let resting): resting.next?.at
        case .idle, .lookingUp, .shutDown: nil
        }
    }

    package mutating func start(at now: Instant) -> Action {
        switch state {
        case .idle:
            startWindowEnd = now + configuration.startWindow
            return lookUp(isUrgent: false, at: now)
        // A resolver is started once.
        case .lookingUp, .resting, .shutDown: return .none
        }
    }

    package mutating func resolveAgain(urgent: Bool, at now: Instant, random: Double) -> Action {
        if !urgent { restartUrgency(random: random) }
        switch state {
        case .idle, .shutDown:
            return .none
        case .lookingUp(var current):
            if urgent || current.request == nil { current.request = urgent ? .urgent : .normal }
            state = .lookingUp(current)
            return .none
        case .resting(var resting):
            if resting.hasFailed { return .none }
            if now >= resting.since + configuration.minimumInterval { restartUrgency(random: random) }
            let earliest = resting.since + interval(urgent ? .urgent : .normal)
            if earliest <= now { return lookUp(isUrgent: urgent, at: now) }
            if let next = resting.next, next.at <= earliest { return .none }
            resting.next = Plan(at: earliest, isUrgent: urgent)
            state = .resting(resting)
            return .wait(until: earliest)
        }
    }

    package mutating func lookupSucceeded(timeToLive: Duration?, at now: Instant, random: Double) -> Action {
        switch state {
        case .lookingUp(let current):
            failureBackoff.reset()
            if current.isUrgent { advanceUrgency(random: random) } else { restartUrgency(random: random) }
            var resting = Resting(since: now, next: nil, hasFailed: false)
            if let request = current.request {
                resting.next = Plan(at: now + interval(request), isUrgent: request == .urgent)
            }
            if configuration.refreshesAtTimeToLive, let timeToLive {
                resting.plan(at: now + refreshDelay(timeToLive, random: random))
            }
            if let startWindowEnd, now < startWindowEnd {
                resting.plan(at: now + max(configuration.minimumInterval, ResolutionScheduler.shortestStartInterval))
            }
            state = .resting(resting)
            guard let next = resting.next else { return .rest }
            return .wait(until: next.at)
        case .idle, .resting, .shutDown:
            return .none
        }
    }

    /// Also for an answer that is of no use to the channel.
    package mutating func lookupFailed(at now: Instant, random: Double) -> Action {
        switch state {
        case .lookingUp: return .wait(until: restAfterFailure(at: now, random: random))
        case .idle, .resting, .shutDown: return .none
        }
    }

    package mutating func timerFired(at now: Instant, random: Double) -> Action {
        switch state {
        case .lookingUp(let current):
            if now < current.timesOutAt { return .wait(until: current.timesOutAt) }
            return .timeOut(retryAt: restAfterFailure(at: now, random: random))
        case .resting(let resting):
            guard let next = resting.next else { return .none }
            if now < next.at { return .wait(until: next.at) }
            return lookUp(isUrgent: next.isUrgent, at: now)
        case .idle, .shutDown:
            return .none
        }
    }

    package mutating func shutDown() {
        state = .shutDown
    }

    private mutating func lookUp(isUrgent: Bool, at now: Instant) -> Action {
        let timesOutAt = now + configuration.lookupTimeout
        state = .lookingUp(LookingUp(timesOutAt: timesOutAt, isUrgent: isUrgent, request: nil))
        return .lookUp(timesOutAt: timesOutAt)
    }

    private mutating func restAfterFailure(at now: Instant, random: Double) -> Instant {
        let retryAt = now + failureBackoff.next(random: random)
        state = .resting(Resting(since: now, next: Plan(at: retryAt, isUrgent: false), hasFailed: true))
        return retryAt
    }

    private func interval(_ request: Request) -> Duration {
        switch request {
        case .normal: configuration.minimumInterval
        case .urgent: min(urgentInterval, configuration.minimumInterval)
        }
    }

    private mutating func restartUrgency(random: Double) {
        urgentBackoff.reset()
        advanceUrgency(random: random)
    }

    private mutating func advanceUrgency(random: Double) {
        urgentInterval = urgentBackoff.next(random: random)
    }

    private func refreshDelay(_ timeToLive: Duration, random: Double) -> Duration {
        let floor = max(timeToLive, ResolutionScheduler.shortestTimeToLive)
        // A time to live has 31 bits of seconds (RFC 2181, section 8), so this is far from overflow.
        return floor + .nanoseconds(Int64(Double(floor.nanoseconds) * ResolutionScheduler.refreshJitter * random))
    }
}
