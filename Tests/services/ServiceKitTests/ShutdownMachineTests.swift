import ServiceKit
import Testing
import Timing

@Suite struct ShutdownMachineTests {
    private func at(_ seconds: Int) -> Instant { Instant(nanoseconds: Int64(seconds) * 1_000_000_000) }
    private func machine() -> ShutdownMachine { ShutdownMachine(delay: .seconds(5), grace: .seconds(60)) }

    /// One that got its signal at 0 s and began to stop at 5 s.
    private func stopping() -> ShutdownMachine {
        var machine = machine()
        _ = machine.signalReceived(at: at(0))
        _ = machine.timerFired(at: at(5))
        return machine
    }

    @Test func aSignalAnnouncesTheEndAndTheServiceGoesOn() {
        var machine = machine()
        #expect(machine.signalReceived(at: at(0)) == .announce(until: at(5)))
        #expect(machine.timerFired(at: at(4)) == .none)
        #expect(machine.hooksFinished() == .none)
    }

    @Test func afterTheDelayItStopsWithinTheGrace() {
        var machine = machine()
        _ = machine.signalReceived(at: at(0))
        #expect(machine.timerFired(at: at(5)) == .stop(deadline: at(65), giveUpAt: at(66)))
    }

    @Test func withoutADelayTheTimerIsDueAtOnce() {
        var machine = ShutdownMachine(delay: .zero, grace: .seconds(1))
        #expect(machine.signalReceived(at: at(7)) == .announce(until: at(7)))
        #expect(machine.timerFired(at: at(7)) == .stop(deadline: at(8), giveUpAt: at(9)))
    }

    @Test func whenTheHooksAreDoneItExits() {
        var machine = stopping()
        #expect(machine.hooksFinished() == .exit)
        #expect(machine.timerFired(at: at(70)) == .none)
    }

    @Test func hooksThatTakeTooLongAreNotWaitedFor() {
        var machine = stopping()
        #expect(machine.timerFired(at: at(65)) == .none)
        #expect(machine.timerFired(at: at(66)) == .exit)
        #expect(machine.hooksFinished() == .none)
    }

    @Test func aSecondSignalExitsAtOnceDuringTheDelay() {
        var machine = machine()
        _ = machine.signalReceived(at: at(0))
        #expect(machine.signalReceived(at: at(1)) == .exitAtOnce)
    }

    @Test func aSecondSignalExitsAtOnceWhileStopping() {
        var machine = stopping()
        #expect(machine.signalReceived(at: at(6)) == .exitAtOnce)
    }
}
