import Addresses
import Events
import LoadBalancing
import RPCCore
import System
import Timing

/// What one channel tells people: makes the events, in order, and sees to it that an answer of the resolver that changes
/// nothing is none. Costs calls nothing: nothing of a call is an event. Loop thread only.
final class ChannelStory {
    private let target: String
    private let loop: EventLoop
    private let tracer: (any ClientTracer)?
    /// nil before the first answer.
    private var addresses: [SocketAddress]?

    init(of target: Target, on loop: EventLoop, to tracer: (any ClientTracer)?) {
        self.target = target.description
        self.loop = loop
        self.tracer = tracer
    }

    func tell(_ kind: ChannelEvent.Kind) {
        tracer?.channelEvent(ChannelEvent(kind, of: target, unixNanoseconds: WallClock.nanoseconds))
    }

    /// What the resolver has found, or not; `retryAt` is when it looks next.
    func tell(_ result: Result<Resolution, RPCError>, retryAt: Instant?) {
        switch result {
        case .success(let resolution): found(resolution.endpoints.flatMap(\.addresses))
        case .failure(let error):
            tell(.lookupFailed(reason: error.message, retryIn: retryAt.map { max($0 - loop.now, .zero) }))
        }
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
}
