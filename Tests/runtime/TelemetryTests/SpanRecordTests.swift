import Telemetry
import Testing

@Suite struct SpanRecordTests {
    @Test func longTextIsCutAndStaysUTF8() {
        let limit = SpanRecord.longestText
        let plain = String(repeating: "x", count: limit)
        #expect(SpanRecord.Value.cut(plain) == .text(plain))
        #expect(SpanRecord.Value.cut(plain + "x") == .text(plain))
        guard case .text(let text) = SpanRecord.Value.cut(String(repeating: "é", count: limit)) else { return }
        #expect(text.utf8.count <= limit + 2)
    }

    @Test func itsTimesAndSize() {
        let context = TraceContext(traceID: (1, 2), parentID: 3, flags: 1)
        func span(_ text: String) -> SpanRecord {
            SpanRecord(
                "GET", .server, context, parentID: nil, end: 100, duration: .nanoseconds(30),
                attributes: [SpanRecord.Attribute("url.path", .text(text))], outcome: .unset)
        }
        #expect(span("").start == 70 && span("").end == 100)
        #expect(span("/0123456789").byteCount == span("/").byteCount + 10)
    }
}
