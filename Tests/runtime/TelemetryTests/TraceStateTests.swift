import Telemetry
import Testing

@Suite struct TraceStateTests {
    private func entry(_ key: String, _ length: Int) -> String {
        key + "=" + String(repeating: "v", count: length - key.utf8.count - 1)
    }

    @Test func whatFitsStaysAsItIs() {
        let text = (0..<4).map { entry("k\($0)", 127) }.joined(separator: ",") + ","
        #expect(text.utf8.count == 512)
        #expect(TraceState.cut(text) == text)
        #expect(TraceState.cut("") == "")
    }

    @Test func theLastGoFirst() {
        let entries = (0..<10).map { entry("k\($0)", 100) }
        #expect(TraceState.cut(entries.joined(separator: ",")) == entries[0..<5].joined(separator: ","))
    }

    @Test func longOnesGoBeforeOthers() {
        let long = entry("long", 129)
        let short = (0..<4).map { entry("k\($0)", 110) }
        #expect(TraceState.cut(([long] + short).joined(separator: ",")) == short.joined(separator: ","))
    }

    @Test func oneThatIsTooLongLeavesNothing() {
        #expect(TraceState.cut(entry("a", 80_000)) == "")
        #expect(TraceState.cut(String(repeating: ",", count: 100_000)).utf8.count <= 512)
    }
}
