import RPCCore
import Testing
import Timing

@Suite struct PingEnforcementTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: 0) + .seconds(seconds) }

    private func enforcement(permitWithoutStream: Bool = false) -> PingEnforcement {
        PingEnforcement(.init(minimumTime: .seconds(10), permitWithoutStream: permitWithoutStream))
    }

    @Test func twoEarlyPingsAreForgivenTheThirdIsNot() {
        var enforcement = enforcement()
        let verdicts = (0..<4).map { enforcement.pingReceived(at: at($0), hasStreams: true) }
        #expect(verdicts == [true, true, true, false])
    }

    @Test func pingsFarEnoughApartNeverStrike() {
        var enforcement = enforcement()
        let verdicts = (0..<20).map { enforcement.pingReceived(at: at($0 * 10), hasStreams: true) }
        #expect(!verdicts.contains(false))
    }

    @Test func anAnswerSentForgivesEverything() {
        var enforcement = enforcement()
        for number in 0..<3 { _ = enforcement.pingReceived(at: at(Int64(number)), hasStreams: true) }
        enforcement.answerSent()
        let verdicts = (3..<7).map { enforcement.pingReceived(at: at($0), hasStreams: true) }
        #expect(verdicts == [true, true, true, false])
    }

    @Test func withoutACallTwoHoursHaveToPass() {
        var strict = enforcement()
        let verdicts = (0..<4).map { strict.pingReceived(at: at($0 * 60), hasStreams: false) }
        #expect(verdicts == [true, true, true, false])
        var lenient = enforcement(permitWithoutStream: true)
        let lenientVerdicts = (0..<10).map { lenient.pingReceived(at: at($0 * 60), hasStreams: false) }
        #expect(!lenientVerdicts.contains(false))
    }
}
