import LoadBalancing
import RPCCore
import Testing
import Timing

/// On a clock that the test moves.
@Suite struct SubchannelMachineTests {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let lost = RPCError(.unavailable, "connection lost")

    private func after(_ seconds: Double) -> Instant { start + .milliseconds(Int64((seconds * 1000).rounded())) }

    /// A draw of 0.5 is a wait without jitter: 1 s, 1.6 s, 2.56 s.
    private func connecting() -> SubchannelMachine {
        var machine = SubchannelMachine(.defaults, address: address(1))
        #expect(machine.connect(at: start, random: 0.5) == .startTransport)
        return machine
    }

    @Test func beginsIdle() {
        let machine = SubchannelMachine(.defaults, address: address(1))
        #expect(machine.state == .idle)
        #expect(machine.deadline == .distantFuture)
    }

    @Test func connectsOnceAtATime() {
        var machine = connecting()
        #expect(machine.state == .connecting)
        #expect(machine.deadline == after(20))
        #expect(machine.connect(at: after(1), random: 0.5) == .none)
        #expect(machine.deadline == after(20))
        machine.transportReady(at: after(0.5))
        #expect(machine.state == .ready)
        #expect(machine.deadline == .distantFuture)
        #expect(machine.connect(at: after(2), random: 0.5) == .none)
    }

    @Test func theBackOffCountsFromTheStartOfTheAttempt() {
        var machine = connecting()
        machine.transportEnded(refused, nil, at: after(1))
        #expect(machine.state == .transientFailure(refused))
        #expect(machine.deadline == after(1))
        #expect(machine.timerFired(at: after(0.999)) == .none)
        #expect(machine.state == .transientFailure(refused))
        #expect(machine.connect(at: after(0.999), random: 0.5) == .none)
        #expect(machine.timerFired(at: after(1)) == .none)
        #expect(machine.state == .idle)
        #expect(machine.connect(at: after(1), random: 0.5) == .startTransport)
        // This attempt fails after its 1.6 s are over: the next may begin at once.
        machine.transportEnded(refused, nil, at: after(1))
        #expect(machine.deadline == after(2.6))
        _ = machine.timerFired(at: after(5))
        #expect(machine.state == .idle)
    }

    @Test func anAttemptTakesTwentySecondsAtMost() {
        var machine = connecting()
        #expect(machine.timerFired(at: after(19.9)) == .none)
        #expect(machine.state == .connecting)
        #expect(machine.timerFired(at: after(20)) == .abandonTransport)
        #expect(
            machine.state
                == .transientFailure(RPCError(.unavailable, "10.0.0.1:80: connecting took too long")))
        // The second of back-off was over long ago.
        #expect(machine.deadline == after(1))
        _ = machine.timerFired(at: after(20))
        #expect(machine.state == .idle)
    }

    @Test func aLongBackOffMakesTheAttemptAsLong() {
        var machine = SubchannelMachine(.defaults, address: address(1))
        var now = start
        for _ in 0..<20 {
            #expect(machine.connect(at: now, random: 0.5) == .startTransport)
            machine.transportEnded(refused, nil, at: after(1))
            now = machine.deadline
            _ = machine.timerFired(at: now)
        }
        _ = machine.connect(at: now, random: 0.5)
        #expect(machine.deadline - now == .seconds(120))
    }

    @Test func onlySettingsResetTheBackOff() {
        var machine = connecting()
        machine.transportEnded(refused, nil, at: after(1))
        _ = machine.timerFired(at: after(1))
        _ = machine.connect(at: after(1), random: 0.5)
        machine.transportReady(at: after(1))
        machine.transportEnded(lost, nil, at: after(9))
        #expect(machine.state == .idle)
        _ = machine.connect(at: after(10), random: 0.5)
        machine.transportEnded(refused, nil, at: after(1))
        // The first wait again, not the third.
        #expect(machine.deadline == after(11))
    }

    @Test func jitterIsTheCallersDraw() {
        var early = SubchannelMachine(.defaults, address: address(1))
        _ = early.connect(at: start, random: 0)
        early.transportEnded(refused, nil, at: after(1))
        #expect(early.deadline == after(0.8))
    }

    @Test func aLostConnectionIsIdleAtOnce() {
        var machine = connecting()
        machine.transportReady(at: start)
        machine.transportEnded(lost, nil, at: after(1))
        #expect(machine.state == .idle)
        #expect(machine.deadline == .distantFuture)
        // Its GOAWAY and its end are two events.
        machine.transportEnded(lost, nil, at: after(1))
        #expect(machine.state == .idle)
    }

    /// READY at `ready`, which is when it began to connect as well, and lost at `end`.
    private func lose(
        _ machine: inout SubchannelMachine, ready: Double, end: Double, hasAnswered: Bool = false,
        gracefully: Bool = false
    ) {
        #expect(machine.connect(at: after(ready), random: 0.5) == .startTransport)
        machine.transportReady(at: after(ready))
        machine.transportEnded(
            lost, .init(hasAnswered: hasAnswered, endedGracefully: gracefully), at: after(end))
    }

    @Test func theSecondConnectionInARowThatIsLostTooSoonHasFailed() {
        var machine = SubchannelMachine(.defaults, address: address(1))
        lose(&machine, ready: 0, end: 0.1)
        #expect(machine.state == .idle)
        lose(&machine, ready: 0.1, end: 1.099)
        #expect(machine.state == .transientFailure(lost))
        // The second wait: its SETTINGS have not begun the back-off anew.
        #expect(machine.deadline == after(1.7))
        _ = machine.timerFired(at: after(1.7))
        lose(&machine, ready: 1.7, end: 1.8)
        #expect(machine.deadline == after(4.26))
    }

    @Test func connectionAgeIsNotSlowedDown() {
        var machine = SubchannelMachine(.defaults, address: address(1))
        for number in 0..<20 {
            let ready = Double(number) * 0.1
            lose(&machine, ready: ready, end: ready + 0.1, gracefully: true)
            #expect(machine.state == .idle)
        }
        lose(&machine, ready: 2, end: 2.099, gracefully: true)
        lose(&machine, ready: 2.1, end: 2.199, gracefully: true)
        #expect(machine.state == .transientFailure(lost))
    }

    @Test(arguments: [true, false])
    func aSecondOrAnAnswerProvesAConnection(hasAnswered: Bool) {
        var machine = SubchannelMachine(.defaults, address: address(1))
        lose(&machine, ready: 0, end: 0.1)
        lose(&machine, ready: 0.1, end: hasAnswered ? 0.1 : 1.1, hasAnswered: hasAnswered)
        #expect(machine.state == .idle)
        // And the next is the first one again.
        lose(&machine, ready: 2, end: 2)
        #expect(machine.state == .idle)
        lose(&machine, ready: 2, end: 2)
        #expect(machine.deadline == after(3.6))
    }

    @Test func lateEventsChangeNothing() {
        var idle = SubchannelMachine(.defaults, address: address(1))
        idle.transportReady(at: after(1))
        idle.transportEnded(lost, nil, at: after(1))
        #expect(idle.timerFired(at: after(100)) == .none)
        #expect(idle.state == .idle)
        var backingOff = connecting()
        backingOff.transportEnded(refused, nil, at: after(1))
        backingOff.transportEnded(lost, nil, at: after(1))
        backingOff.transportReady(at: after(1))
        #expect(backingOff.state == .transientFailure(refused))
        var ready = connecting()
        ready.transportReady(at: after(1))
        #expect(ready.timerFired(at: after(100)) == .none)
        #expect(ready.state == .ready)
    }

    @Test func shutdownIsTheEnd() {
        var machine = connecting()
        machine.shutdown()
        #expect(machine.state == nil)
        #expect(machine.deadline == .distantFuture)
        machine.transportReady(at: after(1))
        machine.transportEnded(lost, nil, at: after(1))
        #expect(machine.connect(at: after(1), random: 0.5) == .none)
        #expect(machine.timerFired(at: after(100)) == .none)
        #expect(machine.state == nil)
    }
}
