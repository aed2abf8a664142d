import Events
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SpanCollectorTests {
    private final class Taker: Sendable {
        struct State {
            var taken: [Int] = []
            var done: [@Sendable () -> Void] = []
        }

        let state = Mutex(State())
        let dropped = Counter()

        /// Keeps what it gets, and is not done with it before `finish`.
        func collector(on loop: EventLoop, spans: Int, bytes: Int = 1 << 20) -> SpanCollector {
            SpanCollector(
                on: [loop], sampler: TraceSampler(.all, followsParent: true),
                limits: SpanCollector.Limits(spans: spans, bytes: bytes), dropped: dropped
            ) { spans, done in
                self.state.withLock { state in
                    state.taken.append(spans.count)
                    state.done.append(done)
                }
            }
        }

        var taken: [Int] { state.withLock(\.taken) }

        func finish() {
            let done = state.withLock { state in
                defer { state.done = [] }
                return state.done
            }
            for each in done { each() }
        }
    }

    private static func span(_ text: String = "") -> SpanRecord {
        SpanRecord(
            "GET", .server, TraceContext(traceID: (1, 2), parentID: 3, flags: 1), parentID: nil, end: 1,
            duration: .zero,
            attributes: [SpanRecord.Attribute("url.path", .text(text))], outcome: .unset)
    }

    @Test func manyAreHandedOverAtOnce() async throws {
        let taker = Taker()
        try await withLoop { loop in
            let collector = taker.collector(on: loop, spans: 1000)
            let spans = try #require(collector.ofThisLoop)
            for _ in 0..<300 { spans.add(Self.span()) }
            #expect(taker.taken == [128, 128])
            await collector.handOver()
            #expect(taker.taken == [128, 128, 44])
            await collector.handOver()
            #expect(taker.taken.count == 3 && taker.dropped.value == 0)
        }
    }

    /// A tenth of a second at most.
    @Test func fewAreHandedOverSoon() async throws {
        let taker = Taker()
        try await withLoop { loop in
            let collector = taker.collector(on: loop, spans: 1000)
            collector.ofThisLoop?.add(Self.span())
            #expect(taker.taken.isEmpty && loop.timerCount == 1)
            while taker.taken.isEmpty { try await loop.sleep(for: .milliseconds(5)) }
            #expect(taker.taken == [1] && loop.timerCount == 0)
        }
    }

    @Test func whatNobodyLooksAtIsBounded() async throws {
        let taker = Taker()
        try await withLoop { loop in
            let spans = try #require(taker.collector(on: loop, spans: 300).ofThisLoop)
            for _ in 0..<1280 { spans.add(Self.span()) }
            #expect(taker.taken == [128, 128] && taker.dropped.value == 1024)
            taker.finish()
            for _ in 0..<128 { spans.add(Self.span()) }
            #expect(taker.taken == [128, 128, 128] && taker.dropped.value == 1024)
        }
    }

    @Test func itsBytesAreBoundedToo() async throws {
        let taker = Taker()
        try await withLoop { loop in
            let spans = try #require(taker.collector(on: loop, spans: 100_000, bytes: 300_000).ofThisLoop)
            let long = String(repeating: "x", count: 1000)
            for _ in 0..<1000 { spans.add(Self.span(long)) }
            // 1.2 KB each, 128 KB at once.
            #expect(taker.taken.count == 2 && taker.taken.reduce(0, +) < 300)
            #expect(taker.dropped.value > 600)
            spans.handOver()
        }
    }

    /// No more is handed over at once than whoever takes it has room for.
    @Test func smallLimitsLetSomethingThrough() async throws {
        let taker = Taker()
        try await withLoop { loop in
            let spans = try #require(taker.collector(on: loop, spans: 1, bytes: 1).ofThisLoop)
            for _ in 0..<256 { spans.add(Self.span()) }
            #expect(taker.taken == [1] && taker.dropped.value == 255)
        }
    }
}
