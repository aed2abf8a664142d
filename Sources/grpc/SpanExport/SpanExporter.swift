import Events
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers
import Telemetry
import Timing
import TraceAPI

/// Exports spans to one collector: carries out what `ExportQueue` and `ExportRetry` say. On a loop of its own, whose thread
/// serves nobody: what an export takes, no request waits for. Loop thread only.
final class SpanExporter {
    private let options: TracingOptions
    private let figures: ExportFigures
    private let log: Log
    private let loop: EventLoop
    private var queue: ExportQueue<SpanRecord>
    private let resource: TraceAPI.Resource
    private let scope: InstrumentationScope
    private var channel: Channel
    private var timer: Timer?
    private var retry = ExportRetry()
    /// Nothing is to be sent any more.
    private var hasEnded = false
    /// Waits for the last export.
    private var waiter: Notice?
    private var lostAtEnd = 0
    private var news = CollectorNews()

    init(_ options: TracingOptions, version: String, figures: ExportFigures, log: Log, on loop: EventLoop) {
        self.options = options
        self.figures = figures
        self.log = log
        self.loop = loop
        queue = ExportQueue(options.limits)
        resource = TraceAPI.Resource(attributes: options.resource.map { KeyValue($0.key, $0.value) })
        scope = InstrumentationScope(name: "sample-service", version: version)
        channel = SpanExporter.makeChannel(options, on: loop)
        timer = Timer(on: loop) { [weak self] in self?.drive() }
    }

    private static func makeChannel(_ options: TracingOptions, on loop: EventLoop) -> Channel {
        var configuration = ChannelConfiguration()
        configuration.backoff = ExportRetry.backoff
        if let dialer = options.dialer { configuration.dialer = dialer }
        let target = options.collector.target
        return Channel(
            target: target, resolver: try TracingOptions.resolvers.makeResolver(target, on: loop),
            // Several collectors behind one name share the work.
            policy: RoundRobin(seed: .random(in: 0 ... .max)), on: loop, configuration: configuration)
    }

    func take(_ spans: [SpanRecord]) {
        var dropped = 0
        for span in spans where hasEnded || !queue.add(span, bytes: span.byteCount, at: loop.now) { dropped += 1 }
        figures.queueFull.increment(by: UInt64(dropped))
        figures.queued.add(Int64(spans.count - dropped))
        news.dropped += dropped
        drive()
    }

    private func drive() {
        if hasEnded { return }
        switch queue.next(at: loop.now) {
        case .rest: timer?.cancel()
        case .wait(let until): timer?.schedule(at: until)
        case .send(let spans):
            timer?.cancel()
            let bound = LoopBound(self, on: loop)
            loop.startTask { await bound.value.export(spans) }
        }
        if queue.isAtRest { waiter?.give() }
    }

    private func export(_ spans: [SpanRecord]) async {
        let request = ExportTraceServiceRequest(resourceSpans: [
            ResourceSpans(
                resource: resource,
                scopeSpans: [ScopeSpans(scope: scope, spans: spans.map { TraceAPI.Span($0) })])
        ])
        retry.batchSent(at: loop.now)
        do throws(RPCError) {
            let response = try await TraceClient(channel).export(
                request,
                options: CallOptions(
                    timeout: options.timeout, metadata: options.metadata, compression: options.compression))
            succeeded(response.partialSuccess)
        } catch {
            failed(error)
        }
        drive()
    }

    private func succeeded(_ partial: ExportTracePartialSuccess?) {
        retry.taken()
        let over = queue.ended(.taken, at: loop.now)
        figures.queued.add(-Int64(over))
        let rejected = Int(clamping: min(max(partial?.rejectedSpans ?? 0, 0), Int64(over)))
        figures.exported.increment(by: UInt64(over - rejected))
        figures.rejected.increment(by: UInt64(rejected))
        if let line = news.taken(by: options.collector.description) { log.info(line) }
        if let partial, rejected > 0 || !partial.errorMessage.isEmpty,
            let line = news.refused(rejected, because: partial.errorMessage, at: loop.now)
        {
            log.warn(line)
        }
    }

    private func failed(_ error: RPCError) {
        figures.failed(error.code)
        let (delay, isGivenUp) = retry.failed(error, at: loop.now, random: .random(in: 0..<1))
        let lost = queue.ended(isGivenUp ? .lost(rest: delay) : .again(after: delay), at: loop.now)
        figures.queued.add(-Int64(lost))
        figures.exportFailed.increment(by: UInt64(lost))
        news.dropped += lost
        if let waiter {
            // What is still here would fare no better.
            lostAtEnd += lost
            waiter.give()
        }
        if let line = news.failed(options.collector.description, error, at: loop.now) { log.warn(line) }
        // A connection whose other end is gone without a word looks like one to a slow collector, and would for a quarter of an
        // hour. A new one costs nothing.
        if error.code == .deadlineExceeded, !hasEnded {
            channel.shutdown()
            channel = SpanExporter.makeChannel(options, on: loop)
        }
    }

    /// Exports what there is, once, for `limit` at most; then nothing is exported any more.
    func end(within limit: Duration) async {
        queue.end()
        let waiter = Notice()
        self.waiter = waiter
        let timer = Timer(on: loop) { waiter.give() }
        timer.schedule(after: limit)
        drive()
        await waiter.wait()
        timer.cancel()
        self.waiter = nil
        hasEnded = true
        let left = queue.removeAll()
        figures.queued.add(-Int64(left))
        figures.shutdown.increment(by: UInt64(left))
        let lost = left + lostAtEnd
        if lost > 0 { log.warn("Tracing: \(lost) spans were not exported before the end") }
        channel.shutdown()
    }
}
