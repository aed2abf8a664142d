import RPCCore
import SpanExport
import Testing
import Timing

@Suite struct ExportRetryTests {
    private let start = Instant(nanoseconds: 0)

    /// `google.rpc.Status` with one detail, as Google's protobuf writes it.
    private func details(_ value: [UInt8], of type: String = "type.googleapis.com/google.rpc.RetryInfo") throws
        -> Metadata
    {
        let type = Array(type.utf8)
        let any = [0x0a, UInt8(type.count)] + type + [0x12, UInt8(value.count)] + value
        var metadata = Metadata()
        try metadata.append(
            binary: [0x08, 14, 0x12, 1, 0x78, 0x1a, UInt8(any.count)] + any, for: "grpc-status-details-bin")
        return metadata
    }

    /// RetryInfo of 2.5 s: Duration(seconds: 2, nanos: 500000000).
    private let pushback: [UInt8] = [0x0a, 8, 0x08, 2, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]

    @Test func theWaitsGrowAndEndAfterAMinute() {
        var retry = ExportRetry(at: start)
        var now = start
        var waits: [Duration] = []
        while let wait = retry.delay(after: RPCError(.unavailable, ""), at: now, random: 0.5) {
            waits.append(wait)
            now = now + wait
        }
        #expect(waits == [1, 2, 4, 8, 16].map { .seconds($0) })
    }

    @Test(arguments: StatusCode.allCases)
    func onlySomeFailuresAreTriedAgain(_ code: StatusCode) {
        var retry = ExportRetry(at: start)
        let transient: Set<StatusCode> = [
            .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss,
        ]
        #expect((retry.delay(after: RPCError(code, ""), at: start, random: 0) != nil) == transient.contains(code))
    }

    @Test func theCollectorSaysHowLong() throws {
        let asked = try details(pushback)
        #expect(ExportRetry.pushback(RPCError(.unavailable, "", metadata: asked)) == .milliseconds(2500))
        for code in [StatusCode.resourceExhausted, .unavailable] {
            var retry = ExportRetry(at: start)
            let error = RPCError(code, "", metadata: asked)
            #expect(retry.delay(after: error, at: start, random: 0.5) == .milliseconds(2500))
        }
        var retry = ExportRetry(at: start)
        #expect(retry.delay(after: RPCError(.internal, "", metadata: asked), at: start, random: 0.5) == nil)
    }

    @Test func whatItSaysMayBeAnything() throws {
        let other = try details(pushback, of: "type.googleapis.com/google.rpc.Help")
        #expect(ExportRetry.pushback(RPCError(.unavailable, "", metadata: other)) == nil)
        // -1 s; cut off; no time at all.
        for value: [UInt8] in [
            [0x0a, 11, 0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], [0x0a, 8, 0x08], [],
        ] {
            #expect(ExportRetry.pushback(RPCError(.unavailable, "", metadata: try details(value))) == nil)
        }
        let empty = try details([0x0a, 0])
        #expect(ExportRetry.pushback(RPCError(.unavailable, "", metadata: empty)) == .zero)
        #expect(ExportRetry.pushback(RPCError(.unavailable, "")) == nil)
        // A wish of 300 years is no reason to wait that long: the batch is given up.
        let long = try details([0x0a, 6, 0x08, 0xff, 0xff, 0xff, 0xff, 0x7f])
        var retry = ExportRetry(at: start)
        #expect(retry.delay(after: RPCError(.unavailable, "", metadata: long), at: start, random: 0) == nil)
    }
}
