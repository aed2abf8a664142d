import RPCCore
import Testing
import Timing

@Suite struct KeepaliveMachineTests {
    private static let start = Instant(nanoseconds: 1_000_000_000)

    private func machine(permitWithoutStream: Bool = false) -> KeepaliveMachine {
        KeepaliveMachine(
            KeepaliveParameters(time: .seconds(10), timeout: .seconds(2), permitWithoutStream: permitWithoutStream),
            at: KeepaliveMachineTests.start)
    }

    private func at(_ seconds: Int64) -> Instant { KeepaliveMachineTests.start + .seconds(seconds) }

    @Test func offMeansNever() {
        let machine = KeepaliveMachine(
            KeepaliveParameters(time: nil, timeout: .seconds(2), permitWithoutStream: true), at: at(0))
        #expect(machine.deadline == .distantFuture)
    }

    @Test func pingsAfterSilenceAndGivesUpWithoutAnAnswer() {
        var machine = machine()
        #expect(machine.deadline == at(10))
        #expect(machine.timerFired(at: at(10), hasStreams: true) == .sendPing)
        #expect(machine.deadline == at(12))
        #expect(machine.timerFired(at: at(12), hasStreams: true) == .close)
    }

    @Test func whateverIsReadAfterThePingIsAnAnswer() {
        var machine = machine()
        _ = machine.timerFired(at: at(10), hasStreams: true)
        machine.bytesRead(at: at(11))
        #expect(machine.deadline == at(21))
        #expect(machine.timerFired(at: at(12), hasStreams: true) == .none)
        #expect(machine.timerFired(at: at(21), hasStreams: true) == .sendPing)
    }

    @Test func readsPutThePingOff() {
        var machine = machine()
        machine.bytesRead(at: at(6))
        #expect(machine.timerFired(at: at(10), hasStreams: true) == .none)
        #expect(machine.deadline == at(16))
    }

    @Test func isDormantWithoutCallsUnlessPermitted() {
        var dormant = machine()
        #expect(dormant.timerFired(at: at(10), hasStreams: false) == .none)
        #expect(dormant.deadline == at(20))
        var busy = machine(permitWithoutStream: true)
        #expect(busy.timerFired(at: at(10), hasStreams: false) == .sendPing)
    }

    @Test func aPingUnderWayCountsAlsoWhenTheLastCallEndsMeanwhile() {
        var machine = machine()
        _ = machine.timerFired(at: at(10), hasStreams: true)
        #expect(machine.timerFired(at: at(12), hasStreams: false) == .close)
    }

    @Test func tooManyPingsHalveThemDownToOneInTwoHours() {
        var parameters = KeepaliveParameters(time: .seconds(10), timeout: .seconds(2), permitWithoutStream: false)
        parameters.slowDown()
        #expect(parameters.time == .seconds(20))
        // As often as a server likes to say so.
        for _ in 0..<200 { parameters.slowDown() }
        #expect(parameters.time == .seconds(7200))
        parameters.time = .seconds(7201)
        parameters.slowDown()
        #expect(parameters.time == .seconds(7201))
        parameters.time = nil
        parameters.slowDown()
        #expect(parameters.time == nil)
    }

    @Test func knowsWhetherItHasSentAPing() {
        var machine = machine()
        #expect(!machine.hasSentPing)
        _ = machine.timerFired(at: at(10), hasStreams: true)
        machine.bytesRead(at: at(11))
        #expect(machine.hasSentPing)
    }
}
