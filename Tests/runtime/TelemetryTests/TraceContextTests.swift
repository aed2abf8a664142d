import Bytes
import Telemetry
import Testing

@Suite struct TraceContextTests {
    /// The example of W3C Trace Context, section 3.2.
    private let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func readsAndWritesTheExample() throws {
        let context = try #require(TraceContext(example))
        #expect(context.description == example)
        #expect(context.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.parentID == 0x00f0_67aa_0ba9_02b7 && context.flags == 1)
    }

    @Test func aLaterVersionMayHaveMore() {
        let later = "cc" + example.dropFirst(2)
        #expect(TraceContext(later)?.description == example)
        #expect(TraceContext(later + "-what-the-future-will-be-like")?.description == example)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "é0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
    ])
    func refuses(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test func aChildStaysInTheTrace() throws {
        var generator = SplitMix64(seed: 1)
        let parent = try #require(TraceContext(example))
        let child = parent.child(using: &generator)
        #expect(child.traceIDText == parent.traceIDText && child.flags == parent.flags)
        #expect(child.parentID != parent.parentID)
    }

    /// Section 3.2.2.5.2: what is reserved goes on as zero, of whatever version it came.
    @Test(arguments: ["00", "cc"])
    func flagsThatNobodyKnowsAreNotPassedOn(version: String) throws {
        func flags(_ digits: String) -> String? {
            TraceContext("\(version)-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\(digits)").map {
                String("\($0)".suffix(3))
            }
        }
        #expect(flags("ff") == "-01" && flags("fe") == "-00" && flags("03") == "-01")
    }

    @Test func aNewTraceIsValid() {
        var generator = SplitMix64(seed: 1)
        let traces = (0..<100).map { _ in TraceContext.start(using: &generator) }
        for trace in traces { #expect(TraceContext(trace.description) == trace) }
        #expect(Set(traces.map(\.traceIDText)).count == 100)
    }
}
