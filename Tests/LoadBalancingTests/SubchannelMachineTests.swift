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
        var machine = SubchannelMachine(.defaults, endpoint: endpoint(1))
        #expect(machine.connect(at: start, random: 0.5) == .startTransport)
        return machine
    }

    @Test func beginsIdle() {
        let machine = SubchannelMachine(.defaults, endpoint: endpoint(1))
        #expect(machine.state == .idle)
        #expect(machine.deadline == .distantFuture)
    }

    @Test func connectsOnceAtATime() {
        var machine = connecting()
        #expect(machine.state == .connecting)
        #expect(machine.deadline == after(20))
        #expect(machine.connect(at: after(1), random: 0.5) == .none)
        #expect(machine.deadline == after(20))
        machine.transportReady()
        #expect(machine.state == .ready)
        #expect(machine.deadline == .distantFuture)
        #expect(machine.connect(at: after(2), random: 0.5) == .none)
    }

    @Test func theBackOffCountsFromTheStartOfTheAttempt() {
        var machine = connecting()
        machine.transportEnded(refused)
        #expect(machine.state == .transientFailure(refused))
        #expect(machine.deadline == after(1))
        #expect(machine.timerFired(at: after(0.999)) == .none)
        #expect(machine.state == .transientFailure(refused))
        #expect(machine.connect(at: after(0.999), random: 0.5) == .none)
        #expect(machine.timerFired(at: after(1)) == .none)
        #expect(machine.state == .idle)
        #expect(machine.connect(at: after(1), random: 0.5) == .startTransport)
        // This attempt fails after its 1.6 s are over: the next may begin at once.
        machine.transportEnded(refused)
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
        var machine = SubchannelMachine(.defaults, endpoint: endpoint(1))
        var now = start
        for _ in 0..<20 {
            #expect(machine.connect(at: now, random: 0.5) == .startTransport)
            machine.transportEnded(refused)
            now = machine.deadline
            _ = machine.timerFired(at: now)
        }
        _ = machine.connect(at: now, random: 0.5)
        #expect(machine.deadline - now == .seconds(120))
    }

    @Test func onlySettingsResetTheBackOff() {
        var machine = connecting()
        machine.transportEnded(refused)
        _ = machine.timerFired(at: after(1))
        _ = machine.connect(at: after(1), random: 0.5)
        machine.transportReady()
        machine.transportEnded(lost)
        #expect(machine.state == .idle)
        _ = machine.connect(at: after(10), random: 0.5)
        machine.transportEnded(refused)
        // The first wait again, not the third.
        #expect(machine.deadline == after(11))
    }

    @Test func jitterIsTheCallersDraw() {
        var early = SubchannelMachine(.defaults, endpoint: endpoint(1))
        _ = early.connect(at: start, random: 0)
        early.transportEnded(refused)
        #expect(early.deadline == after(0.8))
    }

    @Test func aLostConnectionIsIdleAtOnce() {
        var machine = connecting()
        machine.transportReady()
        machine.transportEnded(lost)
        #expect(machine.state == .idle)
        #expect(machine.deadline == .distantFuture)
        // Its GOAWAY and its end are two events.
        machine.transportEnded(lost)
        #expect(machine.state == .idle)
    }

    @Test func lateEventsChangeNothing() {
        var idle = SubchannelMachine(.defaults, endpoint: endpoint(1))
        idle.transportReady()
        idle.transportEnded(lost)
        #expect(idle.timerFired(at: after(100)) == .none)
        #expect(idle.state == .idle)
        var backingOff = connecting()
        backingOff.transportEnded(refused)
        backingOff.transportEnded(lost)
        backingOff.transportReady()
        #expect(backingOff.state == .transientFailure(refused))
        var ready = connecting()
        ready.transportReady()
        #expect(ready.timerFired(at: after(100)) == .none)
        #expect(ready.state == .ready)
    }

    @Test func shutdownIsTheEnd() {
        var machine = connecting()
        machine.shutdown()
        #expect(machine.state == nil)
        #expect(machine.deadline == .distantFuture)
        machine.transportReady()
        machine.transportEnded(lost)
        #expect(machine.connect(at: after(1), random: 0.5) == .none)
        #expect(machine.timerFired(at: after(100)) == .none)
        #expect(machine.state == nil)
    }
}
