package import Addresses
package import Events
package import LoadBalancing
package import RPCCore
package import Resolvers
package import Timing

/// Asks a target for the addresses of all pods, but only while somebody looks. Loop thread only.
///
/// What it finds changes nothing about who gets calls. It begins with the first look and ends `rest` after the last one,
/// so that neither a name server is asked nor a watch kept for nobody.
package final class PodSource {
    package struct Times: Hashable, Sendable {
        /// Look-ups are at least so far apart, however many look.
        package var interval = Duration.seconds(1)
        /// How long a look waits for the look-up that it has caused.
        package var patience = Duration.milliseconds(500)
        /// An answer that could not be renewed is believed for so long, and a source that nobody looks at is kept.
        package var rest = Duration.seconds(10)

        package static let defaults = Times()

        package init() {}
    }

    /// Rather less than the interval: the resolver counts from the end of a look-up, and a look that comes a little early
    /// would make it ask later, when nobody looks any more.
    package static let resolution = ResolutionConfiguration(
        minimumInterval: Times.defaults.interval * 0.9, lookupTimeout: .seconds(5))

    package struct Snapshot: Sendable {
        package var addresses: [SocketAddress] = []
        package var lookups = 0
        package var lastLookup: Instant?
        package var lastError: String?
    }

    private let loop: EventLoop
    private let times: Times
    private let makeResolver: () throws(RPCError) -> any Resolver
    private var resolver: (any Resolver)?
    private var restTimer: Timer?
    private var found: (addresses: [SocketAddress], at: Instant)?
    private var lastStart: Instant?
    private var lastError: String?
    /// Of resolvers that there were before this one.
    private var earlierLookups = 0
    private var lastLookup: Instant?
    /// The last wait was in vain: no further one until there is an answer.
    private var isSlow = false
    private var waiters: [Notice] = []

    /// Why no resolver can be made. Named here, because the compiler does not count what only `throws` names as a use of
    /// an import, and yet wants it (Swift 6.3.1).
    package typealias Failure = RPCError

    package init(
        on loop: EventLoop, times: Times = .defaults, makeResolver: @escaping () throws(Failure) -> any Resolver
    ) {
        self.loop = loop
        self.times = times
        self.makeResolver = makeResolver
    }

    /// Sees to it that what is known is no older than the interval, and waits for that as long as patience says.
    package func look() async -> Snapshot {
        restTimer = restTimer ?? Timer(on: loop) { [weak self] in self?.nobodyLooks() }
        restTimer?.schedule(after: times.rest)
        if ask(), !isSlow { await waitForAnswer() }
        return snapshot
    }

    package func shutdown() {
        restTimer?.cancel()
        restTimer = nil
        end()
        wakeAll()
    }

    /// Whether an answer is under way.
    private func ask() -> Bool {
        guard let resolver else { return begin() }
        guard let found, waiters.isEmpty else { return true }
        guard loop.now >= found.at + times.interval else { return false }
        let before = resolver.snapshot.lookups
        resolver.resolveAgain(urgent: false)
        // Those that watch hear of changes by themselves, and are not to be waited for.
        return resolver.snapshot.lookups > before
    }

    private func begin() -> Bool {
        if let lastStart, loop.now < lastStart + times.interval { return !waiters.isEmpty }
        lastStart = loop.now
        do throws(RPCError) {
            let resolver = try makeResolver()
            self.resolver = resolver
            resolver.start { [weak self] result in
                self?.received(result)
                return .accepted
            }
            return true
        } catch {
            lastError = error.message
            return false
        }
    }

    private func received(_ result: Result<Resolution, RPCError>) {
        isSlow = false
        switch result {
        case .success(let resolution):
            found = (resolution.endpoints.flatMap(\.addresses), loop.now)
            lastError = nil
        case .failure(let error):
            lastError = error.message
            // It would go on trying, with longer and longer waits; the next look begins anew.
            end()
        }
        wakeAll()
    }

    private func nobodyLooks() {
        end()
        found = nil
        lastError = nil
    }

    private func end() {
        guard let resolver else { return }
        count(resolver)
        self.resolver = nil
        resolver.shutdown()
    }

    private func count(_ resolver: any Resolver) {
        let snapshot = resolver.snapshot
        earlierLookups += snapshot.lookups
        lastLookup = snapshot.lastLookup ?? lastLookup
    }

    private func waitForAnswer() async {
        let answer = Notice()
        waiters.append(answer)
        let timer = Timer(on: loop) { [weak self] in
            self?.isSlow = true
            answer.give()
        }
        timer.schedule(after: times.patience)
        await answer.wait()
        timer.cancel()
    }

    private func wakeAll() {
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.give() }
    }

    private var snapshot: Snapshot {
        let current = resolver?.snapshot
        var snapshot = Snapshot(
            lookups: earlierLookups + (current?.lookups ?? 0), lastLookup: current?.lastLookup ?? lastLookup,
            lastError: lastError ?? current?.lastError)
        if let found, isFresh(found.at) { snapshot.addresses = found.addresses }
        return snapshot
    }

    /// What is watched is as good as new until there is an error.
    private func isFresh(_ answered: Instant) -> Bool {
        lastError == nil && resolver != nil || loop.now < answered + times.rest
    }
}
