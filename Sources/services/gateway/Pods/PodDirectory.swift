import Addresses
import Events
import JSON
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers
import Synchronization
import Telemetry
import Timing

/// What the gateway knows of the pods behind the Service: what each loop has heard in answers, and, if `POD_SOURCE` names
/// one, a source of its own, which belongs to the first loop.
final class PodDirectory: Sendable {
    /// One loop's book. Loop thread only.
    private final class Page {
        var book = PodBook()
    }

    private let target: String?
    private let source: LoopBound<PodSource>?
    private let pages = Mutex<[LoopBound<Page>]>([])

    /// Without a source of its own the channel's resolver is it.
    init(_ options: PodOptions, on loop: EventLoop) {
        target = options.target?.description
        source = options.target.map { target in
            LoopBound(
                PodSource(on: loop) { () throws(RPCError) in
                    try options.resolvers.makeResolver(target, on: loop, configuration: PodSource.resolution)
                }, on: loop)
        }
    }

    /// Hears from now on what the channel's answers say. On the channel's loop.
    func follow(_ channel: Channel) {
        let page = Page()
        pages.withLock { $0.append(LoopBound(page, on: channel.loop)) }
        channel.answerBegan = { page.book.learn($0) }
    }

    /// The pod at an address, as far as the current loop has heard of it.
    func name(of address: SocketAddress) -> String? {
        guard case .ip(let ip, _) = address else { return nil }
        let page = pages.withLock { $0.first { $0.loop.isCurrent } }
        return page?.value.book.name(of: ip)
    }

    /// The same failure with the pod's name in place of its address, if that is known.
    func named(_ failure: RequestFailure) -> RequestFailure {
        var failure = failure
        failure.pod = failure.pod.map { pod in SocketAddress(pod).flatMap(name) ?? pod }
        return failure
    }

    func shutdown() async {
        guard let source else { return }
        await source.loop.run { source.value.shutdown() }
    }

    /// `pods` and `podSource` of `/go/channel`.
    func look(_ channel: ChannelSnapshot) async -> Sight {
        var books: [[IPAddress: PodBook.Pod]] = []
        for page in pages.withLock({ $0 }) { books.append(await page.loop.run { page.value.book.pods }) }
        let snapshot = await lookAtSource() ?? PodSource.Snapshot(channel.resolver)
        let listing = PodListing(
            listed: snapshot.addresses, resolved: channel.resolver.endpoints.flatMap(\.addresses),
            connected: channel.subchannels.filter { $0.state == .ready }.map(\.address),
            heard: PodBook.merged(books))
        return Sight(listing: listing, target: target ?? channel.target, source: snapshot)
    }

    private func lookAtSource() async -> PodSource.Snapshot? {
        guard let source else { return nil }
        return await Task(executorPreference: source.loop) { await source.value.look() }.value
    }

    struct Sight: Sendable {
        fileprivate let listing: PodListing
        fileprivate let target: String
        fileprivate let source: PodSource.Snapshot

        func write(at now: Instant, to writer: inout JSONWriter) {
            writer.key("pods")
            writer.beginArray()
            for pod in listing.pods { PodDirectory.Sight.write(pod, at: now, to: &writer) }
            writer.endArray()
            writer.key("podSource")
            writer.beginObject()
            writer.member("target", target)
            writer.member("lookups", source.lookups)
            writer.member("lastLookupSecondsAgo", seconds: source.lastLookup.map { now - $0 })
            writer.member("lastError", optional: source.lastError)
            writer.endObject()
        }

        private static func write(_ pod: PodListing.Pod, at now: Instant, to writer: inout JSONWriter) {
            writer.beginObject()
            writer.member("address", pod.address)
            writer.member("name", optional: pod.name)
            writer.member("listed", pod.isListed)
            writer.member("known", pod.isKnown)
            writer.member("connected", pod.isConnected)
            writer.member("trouble", optional: pod.trouble?.told)
            writer.member("troubleSecondsAgo", seconds: pod.trouble.map { now - $0.since })
            writer.endObject()
        }
    }
}

extension PodSource.Snapshot {
    fileprivate init(_ resolver: ResolverSnapshot) {
        self.init(
            addresses: resolver.endpoints.flatMap(\.addresses), lookups: resolver.lookups,
            lastLookup: resolver.lastLookup, lastError: resolver.lastError)
    }
}
