import Instruments
import Lab
import Testing
import Timing

@Suite struct TimelineTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func answersAndFailuresStandInTheHalfSecondInWhichTheyCame() {
        let outcomes: [(Int64, String?)] = [(0, "a"), (499, "b"), (500, "a"), (1100, nil), (1200, "b")]
        let record = LoadRecord(
            outcomes.map { time, pod in
                LoadRecord.Call(
                    began: at(1000 + time), ended: at(1000 + time),
                    outcome: pod.map { .served(by: $0) } ?? .failed("503"))
            })
        let line = Timeline(of: record, from: at(1000), marks: [("5 → 10", at(1750))])
        #expect(line.stepSeconds == 0.5)
        #expect(
            line.pods == [
                Timeline.Series(pod: "a", counts: [1, 1, 0]), Timeline.Series(pod: "b", counts: [1, 0, 1]),
            ])
        #expect(line.failed == [0, 0, 1])
        #expect(line.marks == [Timeline.Mark("5 → 10", at: 0.75)])
    }

    @Test func nothingHappenedIsALineToo() {
        #expect(Timeline(of: LoadRecord(), from: at(0), marks: []).failed == [0])
    }
}
