package import RPCCore
package import Timing

/// Decides what is asked of the API server: LIST, page by page, then WATCH from the list's version on, for ever.
///
///     list ──► watch ──► watch …                  (the server ends each watch after a while)
///      ▲         │
///      └─ 410 ───┤                                (the version is gone from the server's memory)
///                ▼
///              wait ──► list or watch             (after a failure)
///
/// - What is known stays until something newer is: a failure takes nobody out, and a new list counts once it is whole.
/// - A watch that ends, or breaks, is resumed from the last version heard of, by an event or a bookmark.
/// - Once in a row that happens at once. If it is over again within `steadyTime`, it is a failure like any other, and
///   the next attempt waits: so does not every client ask in a tight loop where the server ends each watch at once.
///
/// `random`, uniform in 0..<1, is the back-off's jitter.
package struct SliceWatchMachine: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// Slices of one Service; of 100 pods each, if Kubernetes' own controller writes them.
        package var slices = 1_000
        /// Pages of one list: none but the last may be short, but an API server may think otherwise.
        package var pages = 1_000
        /// A server's Retry-After is obeyed up to here.
        package var retryAfter = Duration.seconds(120)

        package init() {}
        package static let defaults = Limits()
    }

    package enum Action: Hashable, Sendable {
        /// `page` is what the page before said to go on with; nil asks for the first one.
        case list(page: String?)
        case watch(from: String)
        case wait(until: Instant)
    }

    /// Why a request came to nothing.
    package enum Failure: Error, Hashable, Sendable {
        /// No answer, or not to its end: what is known is still good to go on from.
        case connection(String)
        /// The server said no.
        case answer(StatusAnswer, retryAfter: Duration?)
        /// What it said cannot be used.
        case malformed(String)
    }

    private struct Listing: Hashable {
        var pages = 0
        var slices: [EndpointSlice] = []
    }

    private enum Position: Hashable {
        case start
        case version(String)
    }

    private enum State: Hashable {
        case idle
        case listing(Listing)
        /// `since` is when the server accepted it; nil until then.
        case watching(from: String, since: Instant?)
        /// If it is urgent, only until `earliest`.
        case waiting(Position, earliest: Instant)
    }

    /// gRPC's, but for its longest wait of 2 minutes: 30 s, as client-go's reflector waits. After an outage pods that
    /// were held up come and go at once.
    package static let backoff: BackoffConfiguration = {
        var backoff = BackoffConfiguration.defaults
        backoff.maximum = .seconds(30)
        return backoff
    }()

    /// A watch that lasts so long, from when the server accepted it, was worth its request.
    private static let steadyTime = Duration.seconds(1)

    private let limits: Limits
    private var state = State.idle
    private let firstWait: Duration
    private var backoff: Backoff
    private var mayRetryAtOnce = true

    /// nil before the first whole list.
    package private(set) var slices: EndpointSliceSet?
    /// Why the last request failed; nil once one is answered.
    package private(set) var problem: String?

    package init(limits: Limits = .defaults, backoff: BackoffConfiguration = backoff) {
        self.limits = limits
        firstWait = backoff.base
        self.backoff = Backoff(backoff)
    }

    package mutating func start() -> Action {
        state = .listing(Listing())
        return .list(page: nil)
    }

    /// The time to wait is over.
    package mutating func waited() -> Action {
        switch state {
        case .waiting(.version(let version), _): return watch(from: version)
        case .waiting(.start, _), .idle, .listing, .watching: return start()
        }
    }

    /// A page of the list has come.
    package mutating func listed(_ page: EndpointSlicePage, at now: Instant, random: Double) -> Action {
        guard case .listing(var listing) = state else { return start() }
        listing.pages += 1
        listing.slices += page.slices
        guard listing.slices.count <= limits.slices else {
            return failed(.malformed("the Service has more than \(limits.slices) slices"), at: now, random: random)
        }
        if let next = page.next {
            guard listing.pages < limits.pages else {
                return failed(.malformed("the list has more than \(limits.pages) pages"), at: now, random: random)
            }
            state = .listing(listing)
            return .list(page: next)
        }
        slices = EndpointSliceSet(listing.slices)
        problem = nil
        return watch(from: page.resourceVersion)
    }

    private mutating func watch(from version: String) -> Action {
        state = .watching(from: version, since: nil)
        return .watch(from: version)
    }

    /// The server has accepted the watch.
    package mutating func watchBegan(at now: Instant) {
        problem = nil
        if case .watching(let version, nil) = state { state = .watching(from: version, since: now) }
    }

    /// No pod can be reached: when to end the wait, which is cut down to the back-off's first step. What a server said
    /// with Retry-After holds all the same.
    package var urgentRetry: Instant? {
        guard case .waiting(_, let earliest) = state else { return nil }
        return earliest
    }

    /// nil: the watch goes on.
    package mutating func received(_ event: WatchEvent, at now: Instant, random: Double) -> Action? {
        guard case .watching(_, let since) = state else { return nil }
        switch event {
        case .changed(let slice):
            var changed = slices ?? EndpointSliceSet()
            changed.insert(slice)
            guard changed.count <= limits.slices else {
                return failed(.malformed("the Service has more than \(limits.slices) slices"), at: now, random: random)
            }
            slices = changed
            state = .watching(from: slice.resourceVersion, since: since)
        case .deleted(let name, let version):
            slices?.remove(name)
            state = .watching(from: version, since: since)
        case .bookmark(let version):
            state = .watching(from: version, since: since)
        case .failed(let status):
            return failed(.answer(status, retryAfter: nil), at: now, random: random)
        }
        return nil
    }

    /// The server has ended the watch, or it has lasted longer than it should.
    package mutating func watchEnded(at now: Instant, random: Double) -> Action {
        failed(.connection("the watch ended"), at: now, random: random)
    }

    package mutating func failed(_ failure: Failure, at now: Instant, random: Double) -> Action {
        let position = position(after: failure)
        if case .watching(_, let since?) = state, now - since >= SliceWatchMachine.steadyTime {
            mayRetryAtOnce = true
            backoff.reset()
        }
        if mayRetryAtOnce, isWorthRetryingAtOnce(failure) {
            mayRetryAtOnce = false
            switch position {
            case .start: return start()
            case .version(let version): return watch(from: version)
            }
        }
        problem = text(of: failure)
        var wait = backoff.next(random: random)
        var least = min(wait, firstWait)
        if case .answer(_, let retryAfter?) = failure {
            least = max(least, min(retryAfter, limits.retryAfter))
            wait = max(wait, least)
        }
        state = .waiting(position, earliest: now + least)
        return .wait(until: now + wait)
    }

    /// A list that is cut short begins anew: its pages hang together by a version that may be gone by then.
    private func position(after failure: Failure) -> Position {
        guard case .watching(let version, _) = state else { return .start }
        switch failure {
        case .connection: return .version(version)
        // The server is busy, and what is known is as good as before.
        case .answer(let status, _) where status.code == 429: return .version(version)
        case .answer, .malformed: return .start
        }
    }

    /// What is said to be gone is there anew after a list, and what broke may work again; to a refusal more of the same
    /// would be said.
    private func isWorthRetryingAtOnce(_ failure: Failure) -> Bool {
        switch (failure, state) {
        case (.answer(let status, _), _): status.code == 410
        case (.connection, .watching): true
        case (.connection, .idle), (.connection, .listing), (.connection, .waiting), (.malformed, _): false
        }
    }

    private func text(of failure: Failure) -> String {
        switch failure {
        case .connection(let text), .malformed(let text): text
        case .answer(let status, _): status.description
        }
    }
}
