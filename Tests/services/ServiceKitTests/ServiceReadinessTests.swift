import ServiceKit
import Testing

@Suite struct ServiceReadinessTests {
    @Test func itIsReadyWhileNothingStandsAgainstIt() {
        let readiness = ServiceReadiness()
        #expect(readiness.isReady && readiness.reason == nil)
        readiness.block("a", because: "first")
        readiness.block("b", because: "second")
        #expect(!readiness.isReady)
        #expect(readiness.reason == "first; second")
        readiness.unblock("a")
        #expect(!readiness.isReady)
        readiness.unblock("b")
        #expect(readiness.isReady)
    }

    @Test func observersHearTheStateAndEachChangeOnce() {
        let readiness = ServiceReadiness()
        var heard: [Bool] = []
        readiness.observe { heard.append($0) }
        readiness.block("a", because: "x")
        readiness.block("a", because: "y")
        readiness.block("b", because: "z")
        readiness.unblock("a")
        readiness.unblock("b")
        readiness.unblock("b")
        #expect(heard == [true, false, true])
        #expect(readiness.obstacles.isEmpty)
    }

    @Test func aReasonCanChange() {
        let readiness = ServiceReadiness()
        readiness.block("a", because: "x")
        readiness.block("a", because: "y")
        #expect(readiness.reason == "y")
    }

    /// What waits for all others must hear of them while its own obstacle stands, and not of that one.
    @Test func whoeverIsAnObstacleItselfHearsOfTheOthers() {
        let readiness = ServiceReadiness()
        readiness.block("start", because: "x")
        readiness.block("own", because: "y")
        var heard: [Bool] = []
        readiness.observe(besides: "own") { heard.append($0) }
        #expect(heard == [false])
        readiness.unblock("start")
        readiness.unblock("own")
        readiness.block("own", because: "z")
        #expect(heard == [false, true])
        readiness.block("switch", because: "off")
        readiness.block("shutdown", because: "end")
        readiness.unblock("switch")
        #expect(heard == [false, true, false])
    }
}
