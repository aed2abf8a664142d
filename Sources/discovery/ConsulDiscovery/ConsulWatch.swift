package import Addresses
package import RPCCore
package import Timing

/// Decides what Consul is asked, when, and which sets count: blocking queries as Consul's documentation asks for them
/// (api/features/blocking).
///
/// - A query with the last answer's index waits until something changes; the first, and the first after a failure, has
///   none and waits for nothing.
/// - An index that does not grow is forgotten, and the next query has none. One that goes backwards: Consul has lost its
///   memory, or was given an older one. One that stays: the query's time is over, or Consul was given an older memory
///   just now, for it ends waiting queries then with what they had (seen with 1.8), and would let the next one wait for
///   the next write. An index of 0 is taken for 1, which is always safe to wait with; 0 would not wait.
/// - Queries are rate limited by a bucket that lets a few through at once, so that a change is seen without delay, and
///   many in a row become one query each `interval`.
/// - A set that has not changed is not reported again: that a query returns is no promise of a change.
/// - After a failure, or an index that went backwards, sets only grow for `settling`: an agent that has just begun knows
///   nothing, and its pods enter themselves again as they next renew. What it is missing then has not gone.
///
/// After each call `nextTimer` says when `timerFired` is due.
package struct ConsulWatch: Hashable, Sendable {
    package struct Configuration: Hashable, Sendable {
        /// How many queries may follow one another at once.
        package var burst = 4
        /// Between queries when many follow one another.
        package var interval = Duration.milliseconds(500)
        /// Three renewals of an entry that lives for 10 s, which is what a pod asks for by default.
        package var settling = Duration.seconds(10)
        /// gRPC's, but for its longest wait of 2 minutes: after an outage pods come and go at once, and one query costs
        /// Consul little.
        package var backoff: BackoffConfiguration = {
            var backoff = BackoffConfiguration.defaults
            backoff.maximum = .seconds(5)
            return backoff
        }()

        package init() {}
    }

    package struct Action: Hashable, Sendable {
        /// The set to report; before the query is sent.
        package var report: [SocketAddress]?
        /// The index to ask with; 0 stands for a query without one.
        package var query: UInt64?

        package init(report: [SocketAddress]? = nil, query: UInt64? = nil) {
            self.report = report
            self.query = query
        }

        package static let none = Action()
    }

    private enum State: Hashable {
        case idle
        case querying
        /// Back-off, or the rate limit. If it is urgent, only until `earliest`.
        case resting(until: Instant, earliest: Instant)
        case shutDown
    }

    private let configuration: Configuration
    private var state = State.idle
    private var backoff: Backoff
    /// What the next query, or the current one, has; 0 for none.
    private var index: UInt64 = 0
    /// The last answer's.
    private var lastIndex: UInt64 = 0
    private var hasFailed = false
    /// What Consul said last.
    private var latest: [SocketAddress] = []
    /// What was reported last; nil before the first report.
    private var reported: [SocketAddress]?
    private var wasRefused = false
    private var settledAt: Instant?
    /// The rate limit as a virtual schedule: when the bucket is full again.
    private var fullAt: Instant?

    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        backoff = Backoff(configuration.backoff)
    }

    /// Whether there has ever been a set.
    package var hasSet: Bool { reported != nil }

    /// When a query that waits for its time will be sent.
    package var nextQuery: Instant? {
        switch state {
        case .resting(let until, _): until
        case .idle, .querying, .shutDown: nil
        }
    }

    package var nextTimer: Instant? {
        switch state {
        case .resting(let until, _): settledAt.map { min($0, until) } ?? until
        case .querying: settledAt
        case .idle, .shutDown: nil
        }
    }

    package mutating func start(at now: Instant) -> Action {
        switch state {
        case .idle: return Action(query: next(at: now))
        case .querying, .resting, .shutDown: return .none
        }
    }

    package mutating func shutDown() {
        state = .shutDown
        settledAt = nil
    }

    /// The current query's answer.
    package mutating func answered(index answer: UInt64, _ addresses: [SocketAddress], at now: Instant) -> Action {
        switch state {
        case .querying: break
        case .idle, .resting, .shutDown: return .none
        }
        backoff.reset()
        let answer = max(answer, 1)
        if hasSet, hasFailed || answer < lastIndex { settledAt = now + configuration.settling }
        hasFailed = false
        lastIndex = answer
        index = answer > index ? answer : 0
        latest = addresses
        return Action(report: change(at: now), query: next(at: now))
    }

    /// The current query has no answer, or none that can be used.
    package mutating func failed(at now: Instant, random: Double) -> Action {
        switch state {
        case .querying: break
        case .idle, .resting, .shutDown: return .none
        }
        hasFailed = true
        index = 0
        // Begins anew with the next answer.
        settledAt = nil
        let until = now + backoff.next(random: random)
        state = .resting(until: until, earliest: min(until, now + configuration.backoff.base))
        return .none
    }

    /// No pod can be reached: the back-off is cut down to its first step.
    package mutating func urgent() {
        if case .resting(_, let earliest) = state { state = .resting(until: earliest, earliest: earliest) }
    }

    /// The set reported last is of no use to the channel: it is reported again with the next answer, changed or not,
    /// which comes at the latest when the query's time is over.
    package mutating func refused() {
        wasRefused = true
    }

    package mutating func timerFired(at now: Instant) -> Action {
        let report = change(at: now)
        switch state {
        case .resting(let until, _) where until <= now: return Action(report: report, query: next(at: now))
        case .resting, .querying: return Action(report: report)
        case .idle, .shutDown: return .none
        }
    }

    /// The set to report, if it is another than before.
    private mutating func change(at now: Instant) -> [SocketAddress]? {
        if hasFailed { return nil }
        var set = latest
        if let end = settledAt {
            if now < end {
                set += (reported ?? []).filter { !latest.contains($0) }
            } else {
                settledAt = nil
            }
        }
        if let reported, !wasRefused, Set(reported) == Set(set) { return nil }
        wasRefused = false
        reported = set
        return set
    }

    /// The index of a query that may go now; nil if its time is yet to come.
    private mutating func next(at now: Instant) -> UInt64? {
        let full = max(fullAt ?? now, now)
        let allowance = configuration.interval * (configuration.burst - 1)
        if full - now > allowance {
            let until = now + (full - now - allowance)
            state = .resting(until: until, earliest: until)
            return nil
        }
        fullAt = full + configuration.interval
        state = .querying
        return index
    }
}
