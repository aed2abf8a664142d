import RPCCore
package import Timing

/// Decides what a registry is asked for, and when: one operation at a time, so that none can overtake another.
///
/// - Wanted: registered, with back-off between attempts; then renewed every third of the time to live, so that two
///   renewals in a row may be lost, and at least every 3.3 s.
/// - A renewal that the registry answers with NOT_FOUND: registered anew, at once. One that fails in another way is
///   tried again with back-off; when the time to live is over without one, the entry counts as lost, and is registered anew.
/// - Not wanted: what is under way is given up, and the entry is taken out; tried again until it has run out anyway.
///
/// `random`, uniform in 0..<1, is the jitter. Of the actions, `wait` and `rest` replace the timer that an earlier one
/// asked for.
package struct RegistrarMachine: Hashable, Sendable {
    package enum Operation: Hashable, Sendable {
        case register
        case renew
        case deregister
    }

    package enum Failure: Hashable, Sendable {
        /// The registry does not know the entry.
        case notFound
        case other
    }

    /// What is worth a line of the log: changes only.
    package enum News: Hashable, Sendable {
        case registered
        /// The first failure of a row.
        case failing(Operation)
        /// A renewal succeeded after others that had not.
        case renewedAgain
        case lost
        case deregistered
        /// It could not be taken out, and has run out by now.
        case ranOut
    }

    package enum Action: Hashable, Sendable {
        /// Begin it, and call `ended` with what became of it; call `timerFired` at the given time.
        case begin(Operation, timesOutAt: Instant)
        /// Give up what is under way; `ended` is due for it all the same.
        case cancel
        /// The same, because it has taken so long.
        case timeOut(after: Duration)
        /// Call `timerFired` at the given time.
        case wait(until: Instant)
        /// No timer.
        case rest
        case tell(News)
    }

    /// What the registry may have of this pod.
    private enum Entry: Hashable {
        case none
        case held(until: Instant)
        /// It was asked for something, and nobody knows what became of it.
        case uncertain(until: Instant)
    }

    private struct Running: Hashable {
        var operation: Operation
        var since: Instant
        var timesOutAt: Instant
        var isCancelled = false
        /// Cancelled because the opposite is wanted now, which is no failure.
        var isGivenUp = false
    }

    private enum Activity: Hashable {
        case resting
        case waiting(until: Instant)
        case running(Running)
    }

    /// The first retries are quick, because a pod without an entry is a pod without calls; 5 s at most, because pods of a
    /// registry that was away are to be back soon after it.
    private static let backoff: BackoffConfiguration = {
        var backoff = BackoffConfiguration.defaults
        backoff.base = .milliseconds(200)
        backoff.maximum = .seconds(5)
        return backoff
    }()
    /// However long an entry lives, it is renewed as if it lived no longer: where a registry has lost its memory, gateways give
    /// pods 10 s to find out and to enter themselves again (`ConsulWatch`, `EtcdWatchMachine`).
    static let longestTimeToLive = Duration.seconds(10)
    /// For the first attempt to take an entry out, so that the 2 s which a pod that ends has for it hold a second one.
    private static let firstDeregistrationTime = Duration.milliseconds(700)
    /// Between attempts to take an entry out: while it stays, calls go to a pod that does not want them.
    private static let longestDeregistrationWait = Duration.seconds(1)

    private let timeToLive: Duration
    private var isWanted = false
    private var entry = Entry.none
    private var activity = Activity.resting
    private var retries = Backoff(RegistrarMachine.backoff)
    /// What failed last, until something succeeds.
    private var failing: Operation?

    package init(timeToLive: Duration) {
        self.timeToLive = timeToLive
    }

    /// The registry has no entry of this pod, as far as is known, and is not being asked for one.
    package var isOut: Bool { entry == .none && activity == .resting }

    /// Between renewals, and for each operation.
    private var interval: Duration {
        .nanoseconds(min(timeToLive, RegistrarMachine.longestTimeToLive).nanoseconds / 3)
    }

    package mutating func want(_ wanted: Bool, at now: Instant) -> [Action] {
        guard wanted != isWanted else { return [] }
        isWanted = wanted
        retries.reset()
        switch activity {
        case .resting, .waiting:
            return next(at: now)
        case .running(var running):
            guard !wanted, running.operation != .deregister, !running.isCancelled else { return [] }
            running.isCancelled = true
            running.isGivenUp = true
            activity = .running(running)
            return [.cancel]
        }
    }

    package mutating func timerFired(at now: Instant) -> [Action] {
        switch activity {
        case .resting:
            return []
        case .waiting(let until):
            return now < until ? [.wait(until: until)] : next(at: now)
        case .running(var running):
            if running.isCancelled { return [] }
            if now < running.timesOutAt { return [.wait(until: running.timesOutAt)] }
            running.isCancelled = true
            activity = .running(running)
            return [.timeOut(after: running.timesOutAt - running.since)]
        }
    }

    /// What is under way has succeeded, if `failure` is nil.
    package mutating func ended(_ failure: Failure?, at now: Instant, random: Double) -> [Action] {
        guard case .running(let running) = activity else { return [] }
        activity = .resting
        switch (running.operation, failure) {
        case (.register, nil):
            return entered(running, [.tell(.registered)], at: now)
        case (.renew, nil):
            return entered(running, failing == .renew ? [.tell(.renewedAgain)] : [], at: now)
        case (.deregister, nil), (.deregister, .notFound):
            entry = .none
            succeeded()
            return [.tell(.deregistered)] + next(at: now)
        case (.renew, .notFound):
            entry = .none
            return (isWanted ? [.tell(.lost)] : []) + next(at: now)
        case (.renew, .other):
            return failed(running, at: now, random: random)
        case (.register, .notFound), (.register, .other):
            entry = .uncertain(until: now + timeToLive)
            return failed(running, at: now, random: random)
        case (.deregister, .other):
            if case .held(let until) = entry { entry = .uncertain(until: until) }
            return failed(running, at: now, random: random)
        }
    }

    private mutating func entered(_ running: Running, _ news: [Action], at now: Instant) -> [Action] {
        // From when it was asked for: the registry's count may have begun then.
        entry = .held(until: running.since + timeToLive)
        succeeded()
        guard isWanted else { return news + next(at: now) }
        return news + wait(until: running.since + interval)
    }

    private mutating func succeeded() {
        failing = nil
        retries.reset()
    }

    private mutating func failed(_ running: Running, at now: Instant, random: Double) -> [Action] {
        // The opposite is wanted by now.
        if running.isGivenUp || (running.operation == .deregister) == isWanted { return next(at: now) }
        var actions: [Action] = []
        if failing != running.operation {
            failing = running.operation
            actions.append(.tell(.failing(running.operation)))
        }
        let retryAt = now + retries.next(random: random)
        switch (running.operation, entry) {
        case (.deregister, .uncertain(let until)):
            return actions + wait(until: min(retryAt, now + RegistrarMachine.longestDeregistrationWait, until))
        case (.renew, .held(let until)):
            return actions + wait(until: min(retryAt, until))
        case (.register, _), (.renew, _), (.deregister, _):
            return actions + wait(until: retryAt)
        }
    }

    private mutating func wait(until time: Instant) -> [Action] {
        activity = .waiting(until: time)
        return [.wait(until: time)]
    }

    /// Begins what is due now.
    private mutating func next(at now: Instant) -> [Action] {
        switch (isWanted, entry) {
        case (true, .held(let until)):
            if now < until { return begin(.renew, at: now) }
            entry = .uncertain(until: now + timeToLive)
            return [.tell(.lost)] + begin(.register, at: now)
        case (true, .none), (true, .uncertain):
            return begin(.register, at: now)
        case (false, .none):
            activity = .resting
            return [.rest]
        case (false, .held(let until)), (false, .uncertain(let until)):
            if now < until { return begin(.deregister, at: now) }
            entry = .none
            succeeded()
            activity = .resting
            return [.tell(.ranOut), .rest]
        }
    }

    private mutating func begin(_ operation: Operation, at now: Instant) -> [Action] {
        let isFirstDeregistration = operation == .deregister && failing != .deregister
        let time = isFirstDeregistration ? min(interval, RegistrarMachine.firstDeregistrationTime) : interval
        let timesOutAt = now + time
        activity = .running(Running(operation: operation, since: now, timesOutAt: timesOutAt))
        return [.begin(operation, timesOutAt: timesOutAt)]
    }
}
