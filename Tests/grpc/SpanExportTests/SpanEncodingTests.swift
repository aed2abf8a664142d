import SpanExport
import Telemetry
import Testing
import TraceAPI

@Suite struct SpanEncodingTests {
    private func record(parentID: UInt64? = 5, isRemote: Bool = true, outcome: SpanRecord.Outcome) -> SpanRecord {
        var record = SpanRecord(
            "GET /x", .server, TraceContext(traceID: (0x0102_0304_0506_0708, 9), parentID: 0x0a0b, flags: 1),
            parentID: parentID, hasRemoteParent: isRemote, state: "v=1", end: 1_000, duration: .nanoseconds(400),
            attributes: [
                SpanRecord.Attribute("a", .text("b")), SpanRecord.Attribute("c", .number(0)),
                SpanRecord.Attribute("d", .flag(false)),
            ], outcome: outcome)
        record.events = [SpanRecord.Event("e", at: 700)]
        return record
    }

    @Test func everythingHasItsPlace() {
        let span = TraceAPI.Span(record(outcome: .error("why")))
        #expect(span.traceId == [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 9])
        #expect(span.spanId == [0, 0, 0, 0, 0, 0, 0x0a, 0x0b] && span.parentSpanId == [0, 0, 0, 0, 0, 0, 0, 5])
        #expect(span.traceState == "v=1" && span.name == "GET /x" && span.kind == .server)
        #expect(span.startTimeUnixNano == 600 && span.endTimeUnixNano == 1_000)
        #expect(span.events == [TraceAPI.Span.Event(timeUnixNano: 700, name: "e")])
        #expect(span.status == TraceAPI.Status(message: "why", code: .error))
        #expect(
            span.attributes == [
                KeyValue(key: "a", value: AnyValue(value: .stringValue("b"))),
                KeyValue(key: "c", value: AnyValue(value: .intValue(0))),
                KeyValue(key: "d", value: AnyValue(value: .boolValue(false))),
            ])
        #expect(span.flags == 0x301)
    }

    @Test func whatIsNotThereIsLeftOut() {
        let root = TraceAPI.Span(record(parentID: nil, isRemote: false, outcome: .unset))
        #expect(root.parentSpanId.isEmpty && root.status == nil && root.flags == 0x101)
        #expect(TraceAPI.Span(record(outcome: .ok)).status == TraceAPI.Status(code: .ok))
    }
}
