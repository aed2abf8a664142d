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
        enforcement.payloadSent(frames: 0)
        enforcement.payloadSent(frames: 1)
        let verdicts = (3..<7).map { enforcement.pingReceived(at: at($0), hasStreams: true) }
        #expect(verdicts == [true, true, true, false])
    }

    @Test func aPingForEachFrameSentIsFree() {
        var enforcement = enforcement()
        enforcement.payloadSent(frames: 20)
        let free = (0..<20).map { _ in enforcement.pingReceived(at: at(1), hasStreams: true) }
        #expect(!free.contains(false))
        let verdicts = (0..<3).map { _ in enforcement.pingReceived(at: at(1), hasStreams: true) }
        #expect(verdicts == [true, true, false])
        // Not saved up without end.
        for _ in 0..<10 { enforcement.payloadSent(frames: 1_000_000) }
        let many = (0..<300).map { _ in enforcement.pingReceived(at: at(2), hasStreams: true) }
        #expect(many.firstIndex(of: false) == 258)
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
