package import EtcdAPI
package import LoadBalancing
package import RPCCore
package import Timing

/// Follows the keys of a service: reads them all, page by page, as the store was at one revision, and watches from the
/// next one on.
///
/// - A watch that breaks, or that etcd ends: all is read again after a back-off, instead of watched from where it was. A
///   store that lost its data and has grown since would look like the old one, and a pod whose entry is in the part that
///   was skipped be missed for ever. A read costs about 100 bytes a pod.
/// - What it would begin with is compacted: read again, once in a row at once. The row ends with a watch that lasts.
/// - The store is another one (another cluster, an older revision or term): what only the old one had stays for
///   `carryTime`, in which its pods find out and enter themselves again.
/// - Whatever fails, the last set stays.
///
/// `random`, uniform in 0..<1, is the jitter. After each input, call `timerFired` at `wakeAt`.
package struct EtcdWatchMachine: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Call `pageArrived` or `readFailed` with what becomes of it.
        case read(RangeRequest)
        /// Call `watchArrived` for each answer, and `watchEnded` for the end, unless `stopWatch` came before.
        case watch(WatchCreateRequest)
        case stopWatch
        /// The set is another one.
        case publish([Endpoint])
        /// There has never been a set.
        case fail(RPCError)
    }

    private struct Reading: Hashable {
        /// Of the first page; further ones are read as the store was then.
        var header: ResponseHeader?
        var members: EtcdMembers
        var pages = 0
        var lastKey: [UInt8] = []
    }

    private struct Watching: Hashable {
        var since: Instant
        /// When etcd confirmed it.
        var createdAt: Instant?
        var isCreated: Bool { createdAt != nil }
    }

    private enum State: Hashable {
        case idle
        case reading(Reading)
        case watching(Watching)
        case waiting(until: Instant)
        case shutDown
    }

    /// 64 B a pair, so that a page is far below the 4 MiB of a message.
    package static let pageSize: Int64 = 1000
    /// Ten times as many keys as are kept.
    package static let mostPages = 100
    /// A confirmed watch that lasts so long was worth its request.
    private static let steadyTime = Duration.seconds(1)
    /// For etcd to confirm a watch.
    package static let confirmationTime = Duration.seconds(5)
    /// Registrars renew each third of 10 s, which is when they see that their lease is gone.
    package static let carryTime = Duration.seconds(10)
    /// gRPC's, but for its longest wait of 2 minutes: an etcd that was away is not to be missed for so long after it.
    private static let backoff: BackoffConfiguration = {
        var backoff = BackoffConfiguration.defaults
        backoff.maximum = .seconds(5)
        return backoff
    }()

    private let key: EtcdKey
    private var state = State.idle
    private var retries = Backoff(EtcdWatchMachine.backoff)
    private var mayReadAtOnce = true
    private var members: EtcdMembers
    /// Of a store that is no more.
    private var carried: (members: EtcdMembers, until: Instant)? {
        get { carriedUntil == .distantFuture ? nil : (carriedMembers, carriedUntil) }
        set {
            carriedMembers = newValue?.members ?? EtcdMembers(key)
            carriedUntil = newValue?.until ?? .distantFuture
        }
    }
    private var carriedMembers: EtcdMembers
    private var carriedUntil = Instant.distantFuture
    /// The last one of which everything is known.
    private var revision: Int64 = 0
    private var store = ResponseHeader()
    private var published: [Endpoint]?
    /// Of the last attempt; nil if it succeeded.
    private var failure: String?
    /// How often the keys were read.
    package private(set) var reads = 0
    package private(set) var lastChange: Instant?

    package init(service: String) {
        key = EtcdKey(service: service)
        members = EtcdMembers(key)
        carriedMembers = EtcdMembers(key)
    }
}

// MARK: Inputs

extension EtcdWatchMachine {
    package mutating func start() -> [Action] {
        switch state {
        case .idle: read()
        case .reading, .watching, .waiting, .shutDown: []
        }
    }

    package mutating func shutDown() { state = .shutDown }

    /// When something is due without an event; `distantFuture` if nothing is.
    package var wakeAt: Instant {
        switch state {
        case .idle, .shutDown: .distantFuture
        case .reading: carriedUntil
        case .watching(let watching):
            min(carriedUntil, watching.isCreated ? .distantFuture : watching.since + EtcdWatchMachine.confirmationTime)
        case .waiting(let until): min(carriedUntil, until)
        }
    }

    package mutating func timerFired(at now: Instant, random: Double) -> [Action] {
        if state == .shutDown { return [] }
        var actions: [Action] = []
        if carriedUntil <= now {
            carried = nil
            actions += publish(at: now)
        }
        switch state {
        case .waiting(let until) where now >= until:
            actions += read()
        case .watching(let watching)
        where !watching.isCreated && now >= watching.since + EtcdWatchMachine.confirmationTime:
            actions += [.stopWatch] + watchEnded("etcd did not confirm the watch in time", at: now, random: random)
        case .idle, .reading, .watching, .waiting, .shutDown: break
        }
        return actions
    }

    package mutating func pageArrived(_ page: RangeResponse, at now: Instant, random: Double) -> [Action] {
        guard case .reading(var reading) = state else { return [] }
        // The watch begins at the one after it.
        guard let header = reading.header ?? page.header, (1..<Int64.max).contains(header.revision) else {
            return readFailed("etcd's answer has no revision that can be used", at: now, random: random)
        }
        reading.header = header
        for pair in page.kvs { reading.members.put(pair) }
        if page.more {
            guard let last = page.kvs.last?.key, reading.lastKey.lexicographicallyPrecedes(last) else {
                return readFailed("etcd promises more keys and sends no further one", at: now, random: random)
            }
            reading.pages += 1
            reading.lastKey = last
            guard reading.pages < EtcdWatchMachine.mostPages else {
                let most = EtcdWatchMachine.mostPages
                return readFailed("there are more than \(most) pages of keys", at: now, random: random)
            }
            state = .reading(reading)
            // The key that follows next in the order of bytes.
            return [.read(request(from: last + [0], at: header.revision))]
        }
        if isOther(header) { carried = (carriedOver, now + EtcdWatchMachine.carryTime) }
        members = reading.members
        revision = header.revision
        store = header
        failure = nil
        return publish(at: now) + watch(at: now)
    }

    package mutating func readFailed(_ reason: String, at now: Instant, random: Double) -> [Action] {
        guard case .reading = state else { return [] }
        failure = reason
        wait(at: now, random: random)
        return published == nil ? [.fail(RPCError(.unavailable, reason))] : []
    }

    package mutating func watchArrived(_ answer: WatchResponse, at now: Instant, random: Double) -> [Action] {
        guard case .watching(var watching) = state else { return [] }
        if answer.compactRevision != 0 {
            noteEnd(of: watching, at: now)
            if mayReadAtOnce {
                mayReadAtOnce = false
                return [.stopWatch] + read()
            }
            let reason = "etcd has compacted what the watch was to begin with"
            return [.stopWatch] + watchEnded(reason, at: now, random: random)
        }
        if answer.canceled {
            let reason = answer.cancelReason.isEmpty ? "without a reason" : answer.cancelReason
            return [.stopWatch] + watchEnded("etcd ended the watch: \(reason)", at: now, random: random)
        }
        if answer.created {
            watching.createdAt = watching.createdAt ?? now
            state = .watching(watching)
            failure = nil
        }
        for event in answer.events { apply(event) }
        // The parts of one answer are one change.
        if answer.fragment { return [] }
        // An answer without events that confirms nothing tells how far etcd has come.
        if let last = answer.events.last?.kv?.modRevision {
            revision = max(revision, last)
        } else if !answer.created, let header = answer.header {
            revision = max(revision, header.revision)
        }
        return publish(at: now)
    }

    package mutating func watchEnded(_ reason: String, at now: Instant, random: Double) -> [Action] {
        guard case .watching(let watching) = state else { return [] }
        noteEnd(of: watching, at: now)
        failure = reason
        wait(at: now, random: random)
        return []
    }
}

// MARK: What follows

extension EtcdWatchMachine {
    /// For people: what failed last, or what of the set cannot be used.
    package var problem: String? { failure ?? members.problem }
    package var endpoints: [Endpoint] { published ?? [] }
    package var hasPublished: Bool { published != nil }
    /// When it tries again, if it waits for that.
    package var retryAt: Instant? {
        guard case .waiting(let until) = state else { return nil }
        return until
    }

    /// Whether this, which a read has brought, is not from the store that was read before: as all its members agree on what
    /// is read, neither its revisions nor its terms ever go back. A watch's answers tell nothing: their member may be
    /// behind the others.
    private func isOther(_ header: ResponseHeader) -> Bool {
        guard revision > 0 else { return false }
        return header.clusterId != store.clusterId || header.revision < revision || header.raftTerm < store.raftTerm
    }

    /// What both the last store and the one before had.
    private var carriedOver: EtcdMembers {
        var all = members
        if let carried { all.add(missingFrom: carried.members) }
        return all
    }

    private mutating func apply(_ event: Event) {
        guard let pair = event.kv else { return }
        switch event.type {
        case .put: members.put(pair)
        case .delete: members.delete(pair.key)
        case .unrecognized: return
        }
        carriedMembers.delete(pair.key)
    }

    private mutating func noteEnd(of watching: Watching, at now: Instant) {
        guard let createdAt = watching.createdAt, now - createdAt >= EtcdWatchMachine.steadyTime else { return }
        mayReadAtOnce = true
        retries.reset()
    }

    private mutating func read() -> [Action] {
        reads += 1
        state = .reading(Reading(members: EtcdMembers(key)))
        return [.read(request(from: key.prefix, at: 0))]
    }

    private func request(from start: [UInt8], at revision: Int64) -> RangeRequest {
        RangeRequest(key: start, rangeEnd: key.end, limit: EtcdWatchMachine.pageSize, revision: revision)
    }

    private mutating func watch(at now: Instant) -> [Action] {
        state = .watching(Watching(since: now))
        return [
            .watch(
                WatchCreateRequest(
                    key: key.prefix, rangeEnd: key.end, startRevision: revision + 1, progressNotify: true,
                    fragment: true))
        ]
    }

    private mutating func wait(at now: Instant, random: Double) {
        state = .waiting(until: now + retries.next(random: random))
    }

    private mutating func publish(at now: Instant) -> [Action] {
        var all = members
        if let carried { all.add(missingFrom: carried.members) }
        let endpoints = all.endpoints
        guard endpoints != published else { return [] }
        published = endpoints
        lastChange = now
        return [.publish(endpoints)]
    }
}
