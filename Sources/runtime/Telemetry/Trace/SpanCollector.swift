package import Bytes
package import Events
import Synchronization
import Timing

/// Takes the spans that end on the loops of a service, and hands them on in bulk, so that an operation that ends costs no
/// lock and no other thread's waking. Bounded: what whoever takes them has not looked at yet is counted here, and beyond
/// the limits spans are dropped. Any thread.
package final class SpanCollector: Sendable {
    package struct Limits: Hashable, Sendable {
        package var spans: Int
        package var bytes: Int

        package init(spans: Int, bytes: Int) {
            self.spans = spans
            self.bytes = bytes
        }
    }

    /// `done` is to be called when these are somebody else's to count.
    package typealias Take = @Sendable (_ spans: [SpanRecord], _ done: @escaping @Sendable () -> Void) -> Void

    package let sampler: TraceSampler
    private let loops: [EventLoop]
    private let ofLoops: LoopLocal<LoopSpans>

    /// `take` is called on the loops.
    package init(
        on loops: [EventLoop], sampler: TraceSampler, limits: Limits, dropped: Counter, take: @escaping Take
    ) {
        self.sampler = sampler
        self.loops = loops
        let waiting = WaitingSpans(limits)
        ofLoops = LoopLocal(on: loops) { LoopSpans(on: $0, waiting, most: limits.spans, dropped: dropped, take) }
    }

    /// Where operations of this thread's loop put their spans; nil on a thread that has none.
    package var ofThisLoop: LoopSpans? { ofLoops.current }

    /// Hands on all that there is.
    package func handOver() async {
        for loop in loops { await loop.run { self.ofLoops.current?.handOver() } }
    }
}

/// How much has been handed over and not been looked at. One look for many spans.
private final class WaitingSpans: Sendable {
    private let limits: SpanCollector.Limits
    private let level = Mutex(SpanCollector.Limits(spans: 0, bytes: 0))

    init(_ limits: SpanCollector.Limits) {
        self.limits = limits
    }

    /// False if there is no room. What one loop has at once (`LoopSpans.most`) always finds some where nothing waits, however
    /// small the limits are.
    func enter(spans: Int, bytes: Int) -> Bool {
        level.withLock { level in
            guard level.spans == 0 || (level.spans + spans <= limits.spans && level.bytes + bytes <= limits.bytes)
            else { return false }
            level.spans += spans
            level.bytes += bytes
            return true
        }
    }

    func leave(spans: Int, bytes: Int) {
        level.withLock { level in
            level.spans -= spans
            level.bytes -= bytes
        }
    }
}

/// The spans of one loop. Loop thread only.
package final class LoopSpans {
    /// Together: a request of the gateway has three or four. A second thread is woken so much more rarely.
    private static let most = 128
    private static let mostBytes = 128 * 1024
    private static let patience = Duration.milliseconds(100)

    private let waiting: WaitingSpans
    private let most: Int
    private let dropped: Counter
    private let take: SpanCollector.Take
    private var spans: [SpanRecord] = []
    private var bytes = 0
    private var timer: Timer?
    /// For ids, which need not be secret.
    package var generator = SplitMix64(seed: UInt64.random(in: 0 ... .max))

    fileprivate init(
        on loop: EventLoop, _ waiting: WaitingSpans, most: Int, dropped: Counter, _ take: @escaping SpanCollector.Take
    ) {
        self.waiting = waiting
        self.most = min(most, LoopSpans.most)
        self.dropped = dropped
        self.take = take
        timer = Timer(on: loop) { [weak self] in self?.handOver() }
    }

    package func add(_ span: SpanRecord) {
        if spans.isEmpty { timer?.schedule(after: LoopSpans.patience) }
        spans.append(span)
        bytes += span.byteCount
        if spans.count >= most || bytes >= LoopSpans.mostBytes { handOver() }
    }

    package func handOver() {
        if spans.isEmpty { return }
        timer?.cancel()
        let (count, bytes) = (spans.count, bytes)
        if waiting.enter(spans: count, bytes: bytes) {
            take(spans) { [waiting] in waiting.leave(spans: count, bytes: bytes) }
            spans = []
            spans.reserveCapacity(most)
        } else {
            dropped.increment(by: UInt64(count))
            spans.removeAll(keepingCapacity: true)
        }
        self.bytes = 0
    }
}
