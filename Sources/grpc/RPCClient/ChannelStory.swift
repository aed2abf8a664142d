import Addresses
import Events
import LoadBalancing
import RPCCore
import RPCTransport
import System
import Timing

/// What one channel tells people: makes the events, in order, and sees to it that an answer of the resolver that changes
/// nothing is none. Costs calls nothing: nothing of a call is an event. Loop thread only.
///
/// The first of a graceful close's two GOAWAYs has no reason in it where the server leaves it to nghttp2, as
/// Envoy does: it comes with the second, a round trip later. Its event waits for that, and so does what comes after it: the
/// cause is to stand before the effect.
final class ChannelStory {
    /// Names an event that waits.
    struct Ticket: Hashable {
        fileprivate let number: Int
    }

    /// Characters.
    private static let longestReason = 1000

    private let target: String
    /// The channel's.
    private let number: Int
    private let loop: EventLoop
    /// No longer: a server may wait with its second GOAWAY for as long as it likes.
    private let patience: Duration
    private let tracer: (any ClientTracer)?
    /// nil before the first answer.
    private var addresses: [SocketAddress]?
    /// The first one has a ticket.
    private var waiting: [(event: ChannelEvent, ticket: Ticket?)] = []
    private var tickets = 0
    private var timer: Timer?
    /// Events that there were, those that wait included.
    private(set) var told = 0

    init(of target: Target, _ number: Int, on loop: EventLoop, patience: Duration, to tracer: (any ClientTracer)?) {
        self.target = target.description
        self.number = number
        self.loop = loop
        self.patience = patience
        self.tracer = tracer
    }

    /// `subchannel` is the number of the one that it is about.
    func tell(_ kind: ChannelEvent.Kind, about subchannel: Int? = nil) {
        let event = event(kind, subchannel)
        if waiting.isEmpty { tracer?.channelEvent(event) } else { waiting.append((event, nil)) }
    }

    private func event(_ kind: ChannelEvent.Kind, _ subchannel: Int?) -> ChannelEvent {
        told += 1
        var event = ChannelEvent(kind, of: target, unixNanoseconds: WallClock.nanoseconds)
        event.channelNumber = number
        event.subchannelNumber = subchannel
        return event
    }

    // MARK: The resolver

    /// What the resolver has found, or not.
    func tell(_ result: Result<Resolution, RPCError>, _ resolver: ResolverSnapshot) {
        switch result {
        case .success(let resolution):
            tracer?.resolverReported(lookups: resolver.lookups, hasFailed: false)
            found(resolution.endpoints.flatMap(\.addresses))
        case .failure(let error):
            tracer?.resolverReported(lookups: resolver.lookups, hasFailed: true)
            let retryIn = resolver.nextLookup.map { max($0 - loop.now, .zero) }
            tell(.lookupFailed(reason: ChannelStory.shortened(error.message), retryIn: retryIn))
        }
    }

    /// What a source says of its failure may be as long as an answer of the API server, 64 KiB, and 200 events are kept.
    private static func shortened(_ reason: String) -> String {
        reason.utf8.count <= longestReason ? reason : reason.prefix(longestReason) + "…"
    }

    private func found(_ found: [SocketAddress]) {
        let known = addresses
        addresses = found
        let before = Set(known ?? [])
        let now = Set(found)
        guard known == nil || now != before else { return }
        tell(
            .addresses(
                count: now.count, added: found.filter { !before.contains($0) },
                removed: (known ?? []).filter { !now.contains($0) }))
    }

    // MARK: GOAWAYs whose reason is still to come

    func tellLater(_ kind: ChannelEvent.Kind, about subchannel: Int? = nil) -> Ticket {
        tickets += 1
        let ticket = Ticket(number: tickets)
        waiting.append((event(kind, subchannel), ticket))
        let timer = timer ?? Timer(on: loop) { [weak self] in self?.tellAll() }
        self.timer = timer
        if !timer.isScheduled { timer.schedule(after: patience) }
        return ticket
    }

    /// Tells the event with what the second GOAWAY says; as it is, if there will be none. One that has been told stays as
    /// it was.
    func complete(_ ticket: Ticket, with goAway: GoAway?) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        if let goAway, case .goAway(let address, _, let age, let retryIn) = waiting[index].event.kind {
            waiting[index].event.kind = .goAway(address, goAway, age: age, retryIn: retryIn)
        }
        waiting[index].ticket = nil
        let ready = waiting.prefix { $0.ticket == nil }
        waiting.removeFirst(ready.count)
        if waiting.isEmpty { timer?.cancel() }
        for (event, _) in ready { tracer?.channelEvent(event) }
    }

    /// Nothing waits any more.
    func tellAll() {
        timer?.cancel()
        let ready = waiting
        waiting = []
        for (event, _) in ready { tracer?.channelEvent(event) }
    }
}
