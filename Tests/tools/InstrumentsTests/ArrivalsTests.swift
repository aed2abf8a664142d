import Instruments
import Terminal
import Testing
import Timing

@Suite struct ArrivalsTests {
    private func at(_ tenths: Int64) -> Instant { Instant(nanoseconds: tenths * 100_000_000) }

    private var arrivals: Arrivals {
        Arrivals(
            ordered: at(0),
            entries: [
                Arrivals.Entry(pod: "late", entered: at(8)), Arrivals.Entry(pod: "early", entered: at(5)),
            ], limit: .seconds(2))
    }

    private func record(_ answers: (pod: String, at: Int64)...) -> LoadRecord {
        var record = LoadRecord()
        for answer in answers {
            record.add(
                LoadRecord.Call(began: at(answer.at), ended: at(answer.at), outcome: .served(by: answer.pod)))
        }
        return record
    }

    @Test func eachPodMustBeCalledInTime() {
        #expect(arrivals.verdict(record(("early", 25), ("late", 28))).objection == nil)
        #expect(arrivals.verdict(record(("early", 26), ("late", 28))).objection == "early did not")
        #expect(arrivals.verdict(record(("early", 25))).objection == "late did not")
    }

    @Test func whatAPodAnsweredBeforeItEnteredDNSDoesNotCount() {
        let record = record(("early", 4), ("late", 9))
        #expect(!arrivals.areComplete(record))
        #expect(arrivals.verdict(record).objection == "early did not")
    }

    @Test func noPodsProveNothing() {
        #expect(Arrivals(ordered: at(0), entries: [], limit: .seconds(2)).verdict(LoadRecord()).objection != nil)
    }

    @Test func waitingEndsWithTheLastPodsTime() {
        #expect(arrivals.deadline == at(28))
        #expect(arrivals.areComplete(record(("early", 5), ("late", 8))))
    }

    @Test func theTableIsInTheOrderOfArrival() {
        #expect(
            arrivals.table(record(("early", 15))).text == """
                POD     IN DNS   FIRST CALL   LIMIT
                early   0.5 s    1.0 s        2.0 s
                late    0.8 s    none         2.0 s

                """)
    }
}
