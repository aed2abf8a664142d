import Testing
import Timing

@Suite struct InstantTests {
    @Test func arithmetic() {
        let start = Instant(nanoseconds: 5_000_000_000)
        let later = start + .milliseconds(1500)
        #expect(later.nanoseconds == 6_500_000_000)
        #expect(later - start == .milliseconds(1500))
        #expect(start - later == .milliseconds(-1500))
        #expect(start < later)
    }

    @Test func sumsSaturate() {
        #expect(Instant(nanoseconds: 1) + .nanoseconds(Int64.max) == .distantFuture)
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: 0) + .seconds(Int64.max) == .distantFuture)
    }

    @Test func nanosecondsOfADurationSaturate() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.microseconds(-3).nanoseconds == -3000)
        #expect(Duration.seconds(2).nanoseconds == 2_000_000_000)
        // Less than a nanosecond is dropped, whichever the sign.
        #expect(Duration(attoseconds: 1_999_999_999).nanoseconds == 1)
        #expect(Duration(attoseconds: -1_999_999_999).nanoseconds == -1)
        #expect(Duration.nanoseconds(Int64.min).nanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.max).nanoseconds == .max)
    }
}
