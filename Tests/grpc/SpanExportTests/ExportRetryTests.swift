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
        var retry = ExportRetry()
        var now = start
        var waits: [Duration] = []
        while true {
            retry.batchSent(at: now)
            let (wait, isGivenUp) = retry.failed(RPCError(.unavailable, ""), at: now, random: 0.5)
            if isGivenUp {
                // The next batch meets the same trouble.
                #expect(wait == .seconds(30))
                break
            }
            waits.append(wait)
            now = now + wait
        }
        // The last one ends with the minute.
        #expect(waits == [1, 2, 4, 8, 16, 29].map { .seconds($0) })
    }

    @Test func theWaitsStartAnewOnlyWhenABatchWasTaken() {
        var retry = ExportRetry()
        func wait(_ code: StatusCode, at seconds: Int) -> Duration {
            retry.batchSent(at: start + .seconds(seconds))
            return retry.failed(RPCError(code, ""), at: start + .seconds(seconds), random: 0.5).delay
        }
        #expect(wait(.unavailable, at: 0) == .seconds(1))
        // Refused for good: not again, and no rest.
        #expect(wait(.invalidArgument, at: 1) == .zero)
        #expect(wait(.unavailable, at: 100) == .seconds(2))
        retry.taken()
        #expect(wait(.unavailable, at: 200) == .seconds(1))
    }

    @Test(arguments: StatusCode.allCases)
    func onlySomeFailuresAreTriedAgain(_ code: StatusCode) {
        var retry = ExportRetry()
        let transient: Set<StatusCode> = [
            .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss,
        ]
        #expect(retry.failed(RPCError(code, ""), at: start, random: 0).isGivenUp != transient.contains(code))
    }

    @Test func theCollectorSaysHowLong() throws {
        let asked = try details(pushback)
        #expect(ExportRetry.pushback(RPCError(.unavailable, "", metadata: asked)) == .milliseconds(2500))
        for code in [StatusCode.resourceExhausted, .unavailable] {
            var retry = ExportRetry()
            let error = RPCError(code, "", metadata: asked)
            #expect(retry.failed(error, at: start, random: 0.5) == (.milliseconds(2500), false))
        }
        var retry = ExportRetry()
        #expect(retry.failed(RPCError(.internal, "", metadata: asked), at: start, random: 0.5) == (.zero, true))
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
        // A wish of 300 years is no reason to wait that long: the batch is given up, and the next one waits for five minutes.
        let long = try details([0x0a, 6, 0x08, 0xff, 0xff, 0xff, 0xff, 0x7f])
        var retry = ExportRetry()
        let error = RPCError(.unavailable, "", metadata: long)
        #expect(retry.failed(error, at: start, random: 0) == (.seconds(300), true))
    }
}
