import Instruments
import Testing
import Timing

@Suite struct LoadRecordTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func record(_ calls: (began: Int64, ended: Int64, pod: String?)...) -> LoadRecord {
        var record = LoadRecord()
        for call in calls {
            record.add(
                LoadRecord.Call(
                    began: at(call.began), ended: at(call.ended),
                    outcome: call.pod.map { .served(by: $0) } ?? .failed("503")))
        }
        return record
    }

    @Test func firstAndLastAnswersOfAPod() {
        let record = record((0, 1, "a"), (1, 3, "b"), (2, 4, nil), (3, 5, "b"))
        #expect(record.firstAnswer(of: "b", since: at(0)) == at(3))
        #expect(record.firstAnswer(of: "b", since: at(4)) == at(5))
        #expect(record.firstAnswer(of: "c", since: at(0)) == nil)
        #expect(record.lastAnswer(of: "b") == at(5))
    }

    @Test func aDistributionCountsCallsThatBeganLater() {
        let distribution = record((0, 9, "a"), (5, 6, "a"), (6, 7, "b"), (6, 8, nil)).distribution(since: at(5))
        #expect(distribution.served == ["a": 1, "b": 1] && distribution.errors == ["503": 1])
    }

    @Test func callsUnderWayInAMoment() {
        let record = record((0, 9, "a"), (10, 12, "a"), (11, 30, "b"), (15, 16, "c"), (17, 18, "d"))
        #expect(record.underWay(from: at(12), to: at(15)) == 3)
    }

    @Test func latencies() {
        var record = LoadRecord()
        #expect(record.latency(percentile: 0.5) == nil)
        for time in (1...100).reversed() {
            record.add(LoadRecord.Call(began: at(0), ended: at(Int64(time)), outcome: .served(by: "a")))
        }
        #expect(record.latency(percentile: 0) == .milliseconds(1))
        #expect(record.latency(percentile: 0.5) == .milliseconds(51))
        #expect(record.latency(percentile: 1) == .milliseconds(100))
    }

    @Test func oneFailureSpeaksAgainstTheClaimAndSoDoesSilence() {
        #expect(record((0, 1, "a")).noneFailed.objection == nil)
        #expect(record((0, 1, "a"), (0, 1, nil), (0, 1, nil)).noneFailed.objection == "2 failed: 503")
        #expect(record().noneFailed.objection == "there were none")
    }
}
