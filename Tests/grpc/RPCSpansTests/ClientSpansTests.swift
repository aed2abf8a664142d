import Addresses
import Events
import RPCClient
import RPCCore
import RPCSpans
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ClientSpansTests {
    /// What was handed over.
    private final class Found: Sendable {
        let spans = Mutex<[SpanRecord]>([])
    }

    private static let sayHello = MethodDescriptor(service: "test.Hello", method: "Say")
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    private static func metadata(flags: String = "01") throws -> Metadata {
        var metadata = Metadata()
        try metadata.append("traceparent", "00-\(trace)-00f067aa0ba902b7-\(flags)")
        try metadata.append("tracestate", "vendor=1")
        return metadata
    }

    private func spans(_ body: @escaping @Sendable (ClientSpans, EventLoop) async throws -> Void) async throws
        -> [SpanRecord]
    {
        let found = Found()
        try await withLoop { loop in
            let collector = SpanCollector(
                on: [loop], sampler: TraceSampler(.all, followsParent: true),
                limits: SpanCollector.Limits(spans: 100, bytes: 1 << 20), dropped: Counter()
            ) { spans, done in
                found.spans.withLock { $0 += spans }
                done()
            }
            let ofThisLoop = try #require(collector.ofThisLoop)
            try await body(ClientSpans(ofThisLoop, server: "pods", on: loop), loop)
            ofThisLoop.handOver()
        }
        return found.spans.withLock { $0 }
    }

    private static func summary(_ status: StatusCode) -> CallSummary {
        CallSummary(status: status, duration: .milliseconds(1), sentMessageBytes: 0, receivedMessageBytes: 0)
    }

    /// One that fails, one that nobody has processed, and one that succeeds: three attempts under one call, each with its own
    /// id on the wire.
    @Test func retriesAreNumbered() async throws {
        let wire = Found()
        let spans = try await spans { tracer, _ in
            let call = try #require(tracer.callBegan(Self.sayHello, try Self.metadata()))
            for (retries, transparently, status) in [
                (0, 0, StatusCode.unavailable), (1, 0, .unavailable), (1, 1, .ok),
            ] {
                let attempt = try #require(call.attemptBegan())
                if retries + transparently > 0 { attempt.repeats(retries, transparently: transparently) }
                var added = Metadata()
                attempt.sending(to: .ip(.v4(0x0a00_0001), port: 80), adding: &added)
                let parent = try #require(added["traceparent"].flatMap(TraceContext.init))
                wire.spans.withLock {
                    $0.append(
                        SpanRecord(
                            "", .client, parent, parentID: nil, end: 0, duration: .zero, attributes: [], outcome: .ok))
                }
                attempt.ended(Self.summary(status))
            }
            call.ended(.ok, .milliseconds(5))
        }
        let attempts = spans.dropLast()
        let call = try #require(spans.last)
        #expect(call.name == "Sent.test.Hello.Say" && call.kind == .internal && call.outcome == .ok)
        #expect(call.parentID == 0x00f0_67aa_0ba9_02b7 && call.end - call.start == 5_000_000)
        #expect(attempts.map(\.name) == Array(repeating: "Attempt.test.Hello.Say", count: 3))
        #expect(attempts.allSatisfy { $0.parentID == call.context.parentID && $0.kind == .client })
        #expect(attempts.map(\.context) == wire.spans.withLock { $0.map(\.context) })
        #expect(Set(spans.map(\.context.parentID)).count == 4)
        #expect(spans.allSatisfy { $0.context.traceIDText == Self.trace && $0.state == "vendor=1" })
        #expect(attempts.map(\.outcome) == [.error("UNAVAILABLE"), .error("UNAVAILABLE"), .ok])
        func values(_ key: String) -> [SpanRecord.Value?] {
            attempts.map { span in span.attributes.first { $0.key == key }?.value }
        }
        #expect(values("previous-rpc-attempts") == [.number(0), .number(1), .number(1)])
        #expect(values("transparent-retry") == [.flag(false), .flag(false), .flag(true)])
        #expect(values("network.peer.address") == Array(repeating: .text("10.0.0.1"), count: 3))
        #expect(values("server.address") == Array(repeating: .text("pods"), count: 3))
        #expect(values("error.type") == [.text("UNAVAILABLE"), .text("UNAVAILABLE"), nil])
    }

    @Test func whatIsNotRecordedIsNotHeard() async throws {
        let spans = try await spans { tracer, _ in
            #expect(tracer.callBegan(Self.sayHello, Metadata()) == nil)
            let unrecorded = try Self.metadata(flags: "00")
            #expect(tracer.callBegan(Self.sayHello, unrecorded) == nil)
            // Which of two is meant nobody can say.
            var twice = try Self.metadata()
            try twice.append("traceparent", "00-\(Self.trace)-00f067aa0ba902b8-01")
            #expect(tracer.callBegan(Self.sayHello, twice) == nil)
        }
        #expect(spans.isEmpty)
    }

    @Test func waitsAreEvents() async throws {
        let spans = try await spans { tracer, loop in
            let call = try #require(tracer.callBegan(Self.sayHello, try Self.metadata()))
            try await loop.sleep(for: .milliseconds(2))
            let attempt = try #require(call.attemptBegan())
            try await loop.sleep(for: .milliseconds(2))
            var added = Metadata()
            attempt.sending(to: .unix(path: "/run/x"), adding: &added)
            attempt.ended(Self.summary(.ok))
            call.ended(.ok, .milliseconds(5))
            // One that waits for nothing.
            let other = try #require(tracer.callBegan(Self.sayHello, try Self.metadata()))
            let quick = try #require(other.attemptBegan())
            quick.sending(to: .unix(path: "/run/x"), adding: &added)
            quick.ended(Self.summary(.ok))
            other.ended(.ok, .zero)
        }
        #expect(
            spans.map { $0.events.map(\.name) } == [
                ["Delayed LB pick complete"], ["Delayed name resolution complete"], [], [],
            ])
    }
}
