import Addresses
import ConsulDiscovery
import RPCCore
import Testing
import Timing

@Suite struct ConsulWatchTests {
    /// Seconds on a clock that only the test moves.
    private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func pods(_ numbers: Int...) -> [SocketAddress] {
        numbers.map { .ip(.v4(0x7F00_0100 | UInt32($0)), port: 8080) }
    }

    private func watch(burst: Int = 100) -> ConsulWatch {
        var configuration = ConsulWatch.Configuration()
        configuration.backoff.jitter = 0
        configuration.burst = burst
        return ConsulWatch(configuration)
    }

    /// One that waits for a change since index 7, when pods 1 and 2 were there.
    private func waiting(burst: Int = 100) -> ConsulWatch {
        var watch = watch(burst: burst)
        _ = watch.start(at: at(0))
        _ = watch.answered(index: 7, pods(1, 2), at: at(0))
        return watch
    }

    @Test func theFirstQueryWaitsForNothingAndTheNextForAChange() {
        var watch = watch()
        #expect(watch.start(at: at(0)) == .init(query: 0))
        #expect(watch.answered(index: 7, pods(1), at: at(0)) == .init(report: pods(1), query: 7))
        #expect(watch.answered(index: 9, pods(1, 2), at: at(5)) == .init(report: pods(1, 2), query: 9))
        #expect(watch.answered(index: 10, pods(2), at: at(6)) == .init(report: pods(2), query: 10))
        #expect(watch.answered(index: 11, [], at: at(7)) == .init(report: [], query: 11))
        #expect(watch.nextTimer == nil)
    }

    @Test func anEmptySetIsReportedFirstToo() {
        var watch = watch()
        _ = watch.start(at: at(0))
        #expect(watch.answered(index: 7, [], at: at(0)) == .init(report: [], query: 7))
    }

    @Test func anAnswerWithoutAChangeIsNotReported() {
        var watch = waiting()
        #expect(watch.answered(index: 8, pods(2, 1), at: at(32)) == .init(query: 8), "an idempotent write")
    }

    // MARK: The index

    @Test func anIndexThatGoesBackwardsIsForgotten() {
        var watch = waiting()
        #expect(watch.answered(index: 3, pods(1, 2), at: at(5)) == .init(query: 0))
        #expect(watch.answered(index: 3, pods(1, 2), at: at(5)) == .init(query: 3), "which is no step back any more")
    }

    /// The query's time is over; or the servers were given an older memory, and end waiting queries with what they had.
    @Test func anIndexThatStaysIsForgottenForOneQuery() {
        var watch = waiting()
        #expect(watch.answered(index: 7, pods(1, 2), at: at(31)) == .init(query: 0))
        #expect(watch.answered(index: 7, pods(1, 2), at: at(31)) == .init(query: 7))
        #expect(watch.nextTimer == nil, "nothing is lost")
        #expect(watch.answered(index: 7, pods(1, 2), at: at(40)) == .init(query: 0))
        #expect(watch.answered(index: 3, pods(1), at: at(40)) == .init(query: 3), "an older memory: sets only grow")
        #expect(watch.nextTimer == at(50))
    }

    @Test func anIndexOfZeroIsTakenForOne() {
        var watch = watch()
        _ = watch.start(at: at(0))
        #expect(watch.answered(index: 0, pods(1), at: at(0)).query == 1)
        #expect(watch.answered(index: 0, pods(1), at: at(1)).query == 0, "an index that stays, as any other")
        #expect(watch.answered(index: 0, pods(1), at: at(1)).query == 1)
        #expect(watch.nextTimer == nil)
    }

    // MARK: The rate

    @Test func manyChangesInARowBecomeAQueryEachInterval() {
        var watch = watch(burst: 3)
        var sent: [Double] = watch.start(at: at(0)).query == nil ? [] : [0]
        // Every query is answered at once.
        var index: UInt64 = 1
        var now = 0.0
        while sent.count < 6 {
            index += 1
            if watch.answered(index: index, pods(Int(index)), at: at(now)).query == nil {
                guard let timer = watch.nextTimer else { break }
                now = Double(timer.nanoseconds) / 1e9
                #expect(watch.timerFired(at: timer).query == index)
            }
            sent.append(now)
        }
        #expect(sent == [0, 0, 0, 0.5, 1, 1.5])
    }

    @Test func aChangeAfterAPauseIsNotDelayed() {
        var watch = waiting(burst: 2)
        #expect(watch.answered(index: 8, pods(1), at: at(0)).query == nil)
        #expect(watch.timerFired(at: at(0.5)).query == 8)
        for index in [9, 10, 11] as [UInt64] {
            #expect(watch.answered(index: index, pods(Int(index)), at: at(10 * Double(index))).query == index)
        }
    }

    @Test func aTimerThatFiresEarlyChangesNothing() {
        var watch = waiting(burst: 1)
        #expect(watch.nextTimer == at(0.5))
        #expect(watch.timerFired(at: at(0.4)) == .none)
        #expect(watch.nextTimer == at(0.5))
        #expect(watch.timerFired(at: at(0.5)) == .init(query: 7))
    }

    // MARK: Failures

    @Test func failuresAreTriedAgainWithBackOffAndWithoutAnIndex() {
        var watch = waiting()
        #expect(watch.failed(at: at(10), random: 0) == .none)
        #expect(watch.nextTimer == at(11))
        #expect(watch.timerFired(at: at(11)) == .init(query: 0))
        _ = watch.failed(at: at(11), random: 0)
        #expect(watch.nextTimer == at(12.6))
        #expect(watch.nextQuery == at(12.6))
        #expect(watch.timerFired(at: at(12.6)) == .init(query: 0))
        _ = watch.answered(index: 9, pods(1, 2), at: at(13))
        #expect(watch.nextQuery == nil)
        _ = watch.failed(at: at(40), random: 0)
        #expect(watch.nextTimer == at(41), "the sequence has begun anew")
    }

    @Test func backOffIsShortAndCutShortWhenItIsUrgent() {
        var watch = waiting()
        watch.urgent()
        #expect(watch.nextTimer == nil, "there is a query")
        var now = 0.0
        for _ in 0..<12 {
            _ = watch.failed(at: at(now), random: 0)
            now = Double(watch.nextQuery?.nanoseconds ?? 0) / 1e9
            #expect(watch.timerFired(at: at(now)) == .init(query: 0))
        }
        _ = watch.failed(at: at(now), random: 0)
        #expect(watch.nextTimer == at(now + 5))
        watch.urgent()
        watch.urgent()
        #expect(watch.nextTimer == at(now + 1))
        #expect(watch.timerFired(at: at(now + 1)) == .init(query: 0))
    }

    @Test func theRateLimitHoldsEvenIfItIsUrgent() {
        var watch = waiting(burst: 1)
        watch.urgent()
        #expect(watch.nextTimer == at(0.5))
    }

    @Test func aFailureLeavesTheSetAsItIs() {
        var watch = waiting()
        #expect(watch.failed(at: at(1), random: 0).report == nil)
        #expect(watch.timerFired(at: at(2)).report == nil)
        #expect(watch.answered(index: 7, pods(1, 2), at: at(2)) == .init(query: 7))
    }

    @Test func beforeTheFirstSetThereIsNone() {
        var watch = watch()
        _ = watch.start(at: at(0))
        #expect(!watch.hasSet)
        _ = watch.failed(at: at(0), random: 0)
        #expect(!watch.hasSet)
        _ = watch.timerFired(at: at(1))
        #expect(watch.answered(index: 7, pods(1), at: at(1)) == .init(report: pods(1), query: 7))
        #expect(watch.hasSet)
        #expect(watch.nextTimer == nil, "what is known from the start needs no time to settle")
    }

    // MARK: An agent that has lost its memory

    /// It has begun anew: nothing is there at first, then one pod after the other.
    @Test func whatARestartedAgentHasNotYetHasNotGone() {
        var watch = waiting()
        _ = watch.failed(at: at(10), random: 0)
        _ = watch.timerFired(at: at(11))
        #expect(watch.answered(index: 2, [], at: at(11)) == .init(query: 2))
        #expect(watch.answered(index: 3, pods(2), at: at(12)) == .init(query: 3))
        #expect(watch.answered(index: 4, pods(2, 5), at: at(13)) == .init(report: pods(2, 5, 1), query: 4), "it grows")
        #expect(watch.nextTimer == at(21))
        #expect(watch.timerFired(at: at(21)) == .init(report: pods(2, 5)), "1 has had its time")
        #expect(watch.nextTimer == nil)
        #expect(watch.answered(index: 5, pods(5), at: at(22)) == .init(report: pods(5), query: 5))
    }

    @Test func afterAnIndexThatWentBackwardsSetsOnlyGrowToo() {
        var watch = waiting()
        #expect(watch.answered(index: 3, [], at: at(5)) == .init(query: 0))
        #expect(watch.answered(index: 3, pods(1), at: at(6)) == .init(query: 3))
        #expect(watch.timerFired(at: at(15)) == .init(report: pods(1)))
    }

    @Test func anAgentThatFailsAgainMeanwhileGetsItsTimeAgain() {
        var watch = waiting()
        _ = watch.failed(at: at(10), random: 0)
        _ = watch.timerFired(at: at(11))
        _ = watch.answered(index: 2, pods(1), at: at(11))
        _ = watch.failed(at: at(20), random: 0)
        #expect(watch.nextTimer == at(21), "for the query alone")
        #expect(watch.timerFired(at: at(21)) == .init(query: 0))
        #expect(watch.answered(index: 2, pods(1), at: at(22)) == .init(query: 2))
        #expect(watch.timerFired(at: at(32)) == .init(report: pods(1)))
    }

    // MARK: Odd moments

    @Test func aSetThatTheChannelRefusesIsReportedWithTheNextAnswer() {
        var watch = watch()
        _ = watch.start(at: at(0))
        #expect(watch.answered(index: 7, [], at: at(0)).report == [])
        watch.refused()
        #expect(watch.answered(index: 8, [], at: at(31)).report == [])
        #expect(watch.answered(index: 9, [], at: at(62)).report == nil)
    }

    @Test func whatComesTooLateOrTwiceIsIgnored() {
        var watch = watch()
        #expect(watch.answered(index: 7, pods(1), at: at(0)) == .none)
        #expect(watch.failed(at: at(0), random: 0) == .none)
        #expect(watch.start(at: at(0)) == .init(query: 0))
        #expect(watch.start(at: at(0)) == .none)
        _ = watch.failed(at: at(1), random: 0)
        #expect(watch.answered(index: 7, pods(1), at: at(1)) == .none)
        #expect(watch.failed(at: at(1), random: 0) == .none)
        watch.shutDown()
        #expect(watch.nextTimer == nil)
        #expect(watch.timerFired(at: at(9)) == .none)
        #expect(watch.start(at: at(9)) == .none)
    }
}
