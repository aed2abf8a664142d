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
}
