import Bytes
import HTTP
import HTTPTransport
import Telemetry
import Testing

@Suite struct RequestTraceTests {
    private let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func trace(_ fields: HTTPFields) -> RequestTrace {
        var generator = SplitMix64(seed: 7)
        return RequestTrace(fields, using: &generator)
    }

    @Test func goesOnWithTheClientsTrace() {
        let trace = trace(["traceparent": parent, "tracestate": "a=1", "x-request-id": "order/7:b"])
        #expect(trace.context.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(trace.state == "a=1" && trace.requestID == "order/7:b")
    }

    @Test func startsAnewWithoutAValidOne() {
        let trace = trace(["traceparent": "00-xyz", "tracestate": "a=1"])
        #expect(trace.state == nil)
        #expect(trace.requestID == trace.context.traceIDText && trace.requestID.utf8.count == 32)
    }

    /// Which of two is meant nobody can say.
    @Test func startsAnewWithTwo() {
        let trace = trace(["traceparent": parent, "traceparent": parent, "tracestate": "a=1"])
        #expect(trace.context.traceIDText != "4bf92f3577b34da6a3ce929d0e0e4736" && trace.state == nil)
    }

    @Test func putsAStateOfSeveralFieldsTogether() {
        #expect(
            trace(["traceparent": parent, "tracestate": "a=1 \t, b=2", "tracestate": "", "Tracestate": "\tc=3"]).state
                == "a=1,b=2,c=3")
    }

    /// It goes into gRPC's metadata, which has room for visible ASCII and spaces only.
    @Test(arguments: ["a=é", "a=1\tb=2", "a=\u{FF}", "", "a", "A=1"])
    func leavesOutAStateThatCannotGoOn(state: String) {
        let trace = trace(["traceparent": parent, "tracestate": state])
        #expect(trace.state == nil && trace.context.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test(arguments: ["", "a b", "a\"b", "a\nb", "é", String(repeating: "a", count: 129)])
    func replacesAnUnfitRequestID(id: String) {
        let trace = trace(["x-request-id": id])
        #expect(trace.requestID == trace.context.traceIDText)
    }

    @Test func takesTheLongestRequestID() {
        let id = String(repeating: "a", count: 128)
        #expect(trace(["x-request-id": id]).requestID == id)
    }
}
