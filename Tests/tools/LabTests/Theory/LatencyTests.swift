import Instruments
import Lab
import Testing
import Timing

@Suite struct LatencyTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    /// A stall of a second at 10 calls a second: eleven wait, one of them a second. Who counts from when the calls were made
    /// sees one slow call.
    @Test func aStallIsCountedByEachCallThatWasDueMeanwhile() throws {
        let record = LoadRecord(
            (0...10).map { index in
                LoadRecord.Call(due: at(100 * index), began: at(1000), ended: at(1000), outcome: .served(by: "a"))
            })
        let curve = try #require(LatencyCurve("stalled", of: record))
        #expect(curve.calls == 11)
        #expect(curve.milliseconds(at: 1) == 1000 && curve.milliseconds(at: 0.5) == 500)
        #expect(curve.milliseconds(at: 0) == 0)
    }

    @Test func thereIsNoCurveWithoutCalls() {
        #expect(LatencyCurve("none", of: LoadRecord()) == nil)
    }

    @Test func aCurveIsFoundByItsName() {
        let slow = LatencyCurve(name: "one slow pod", calls: 9, points: [])
        #expect([slow].undisturbed == nil)
        #expect([slow, curve((0.5, 2))].undisturbed?.calls == 1000)
    }

    private func curve(_ points: (Double, Double)...) -> LatencyCurve {
        LatencyCurve(name: "undisturbed", calls: 1000, points: points.map { LatencyCurve.Point($0.0, $0.1) })
    }

    /// A fifth of the calls waits 200 ms: p99 does, the median does not.
    @Test func theSlowestWaitIfMoreCallsThanThatMeetTheSlowPod() {
        let before = curve((0.5, 2), (0.99, 5))
        let p99 = LatencyTheory.predict(0.99, beside: before, slowShare: 20, of: before, because: "x")
        #expect(p99.expected == 205 && p99.bounds.lowerBound == 200 && !p99.isGated)
        #expect(p99.because == "x; 9 of 1000 calls were slower")
        #expect(LatencyTheory.predict(0.5, beside: before, slowShare: 20, of: before, because: "x").expected == 2)
        #expect(LatencyTheory.predict(0.99, beside: before, slowShare: 0.5, of: before, because: "x").expected == 5)
    }
}
