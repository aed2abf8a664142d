import RPCCore
import Testing
import Timing

@Suite struct TokenBucketTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: 0) + .milliseconds(milliseconds) }

    @Test func allowsABurstAndThenTheRate() {
        var bucket = TokenBucket(burst: 3, perSecond: 10, at: at(0))
        let burst = (0..<4).map { _ in bucket.take(at: at(0)) }
        #expect(burst == [true, true, true, false])
        let later = [99, 200, 200, 200].map { bucket.take(at: at($0)) }
        #expect(later == [false, true, true, false])
    }

    @Test func neverSavesUpMoreThanTheBurst() {
        var bucket = TokenBucket(burst: 2, perSecond: 10, at: at(0))
        let taken = (0..<3).map { _ in bucket.take(at: at(60_000)) }
        #expect(taken == [true, true, false])
    }
}
