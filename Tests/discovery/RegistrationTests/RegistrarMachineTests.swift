import Registration
import Testing
import Timing

/// A time to live of 9 s: renewals 3 s apart, and 3 s for each operation. `random` 0.5 is no jitter.
@Suite struct RegistrarMachineTests {
    private typealias Action = RegistrarMachine.Action

    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func machine(registeredAt time: Int64? = nil, timeToLive: Duration = .seconds(9)) -> RegistrarMachine {
        var machine = RegistrarMachine(timeToLive: timeToLive)
        guard let time else { return machine }
        _ = machine.want(true, at: at(time))
        _ = machine.ended(nil, at: at(time), random: 0.5)
        return machine
    }

    @Test func itAsksForNothingWhileNothingIsWanted() {
        var machine = machine()
        #expect(machine.isOut)
        #expect(machine.want(false, at: at(0)) == [])
        #expect(machine.timerFired(at: at(1)) == [])
        #expect(machine.ended(nil, at: at(2), random: 0.5) == [])
    }

    @Test func itRegistersAndRenewsEveryThirdOfTheTimeToLive() {
        var machine = machine()
        #expect(machine.want(true, at: at(0)) == [.begin(.register, timesOutAt: at(3000))])
        #expect(!machine.isOut)
        #expect(machine.want(true, at: at(5)) == [])
        #expect(machine.ended(nil, at: at(100), random: 0.5) == [.tell(.registered), .wait(until: at(3000))])
        #expect(machine.timerFired(at: at(2999)) == [.wait(until: at(3000))])
        #expect(machine.timerFired(at: at(3000)) == [.begin(.renew, timesOutAt: at(6000))])
        #expect(machine.ended(nil, at: at(3010), random: 0.5) == [.wait(until: at(6000))])
    }

    /// However long the time to live: gateways give pods 10 s to enter themselves again.
    @Test func renewalsAreNeverFarApart() {
        for timeToLive in [10, 11, 60, 86_400] {
            var machine = machine(registeredAt: 0, timeToLive: .seconds(timeToLive))
            #expect(machine.timerFired(at: at(3333)) == [.wait(until: Instant(nanoseconds: 3_333_333_333))])
            guard case .begin(.renew, let end)? = machine.timerFired(at: at(3334)).first else {
                Issue.record("no renewal with \(timeToLive) s")
                return
            }
            #expect(end < at(6668), "and a renewal that hangs does not put the next off")
        }
    }

    /// Within the 2 s that a pod which ends has for it.
    @Test func aSecondAttemptToTakeItOutFollowsOneThatHangs() {
        var machine = machine(registeredAt: 0)
        _ = machine.want(false, at: at(1000))
        #expect(machine.timerFired(at: at(1700)) == [.timeOut(after: .milliseconds(700))])
        let failed = machine.ended(.other, at: at(1700), random: 0.5)
        #expect(failed == [.tell(.failing(.deregister)), .wait(until: at(1900))])
        #expect(machine.timerFired(at: at(1900)) == [.begin(.deregister, timesOutAt: at(4900))])
    }

    @Test func theFirstRetriesAreQuickAndTheFailureIsToldOnce() {
        var machine = machine()
        _ = machine.want(true, at: at(0))
        let first = machine.ended(.other, at: at(0), random: 0.5)
        #expect(first == [.tell(.failing(.register)), .wait(until: at(200))])
        #expect(machine.timerFired(at: at(200)) == [.begin(.register, timesOutAt: at(3200))])
        #expect(machine.ended(.other, at: at(200), random: 0.5) == [.wait(until: at(520))])
        var now: Int64 = 520
        var delay: Int64 = 0
        for _ in 0..<20 {
            _ = machine.timerFired(at: at(now))
            guard case .wait(let until)? = machine.ended(.other, at: at(now), random: 0.5).last else {
                Issue.record("no retry")
                return
            }
            delay = (until.nanoseconds + 999_999) / 1_000_000 - now
            now += delay
        }
        #expect(delay == 5000)
        _ = machine.timerFired(at: at(now))
        let registered = machine.ended(nil, at: at(now), random: 0.5)
        #expect(registered == [.tell(.registered), .wait(until: at(now + 3000))])
    }

    @Test func anOperationThatTakesTooLongIsCancelledAndTriedAgain() {
        var machine = machine()
        _ = machine.want(true, at: at(0))
        #expect(machine.timerFired(at: at(2000)) == [.wait(until: at(3000))])
        #expect(machine.timerFired(at: at(3000)) == [.timeOut(after: .seconds(3))])
        #expect(machine.timerFired(at: at(3001)) == [])
        let ended = machine.ended(.other, at: at(3001), random: 0.5)
        #expect(ended == [.tell(.failing(.register)), .wait(until: at(3201))])
    }

    @Test func anEntryThatTheRegistryDoesNotKnowIsMadeAnewAtOnce() {
        var machine = machine(registeredAt: 0)
        _ = machine.timerFired(at: at(3000))
        let lost = machine.ended(.notFound, at: at(3010), random: 0.5)
        #expect(lost == [.tell(.lost), .begin(.register, timesOutAt: at(6010))])
    }

    @Test func renewalsThatFailAreTriedAgainUntilTheTimeToLiveIsOver() {
        var machine = machine(registeredAt: 0)
        _ = machine.timerFired(at: at(3000))
        let failed = machine.ended(.other, at: at(3000), random: 0.5)
        #expect(failed == [.tell(.failing(.renew)), .wait(until: at(3200))])
        #expect(machine.timerFired(at: at(3200)) == [.begin(.renew, timesOutAt: at(6200))])
        #expect(machine.ended(.other, at: at(8900), random: 0.5) == [.wait(until: at(9000))])
        #expect(machine.timerFired(at: at(9000)) == [.tell(.lost), .begin(.register, timesOutAt: at(12000))])
        let registered = machine.ended(nil, at: at(9100), random: 0.5)
        #expect(registered == [.tell(.registered), .wait(until: at(12000))])
    }

    @Test func aRenewalAfterFailuresIsTold() {
        var machine = machine(registeredAt: 0)
        _ = machine.timerFired(at: at(3000))
        _ = machine.ended(.other, at: at(3000), random: 0.5)
        _ = machine.timerFired(at: at(3200))
        let renewed = machine.ended(nil, at: at(3210), random: 0.5)
        #expect(renewed == [.tell(.renewedAgain), .wait(until: at(6200))])
    }

    @Test func whatIsNotWantedAnyMoreIsTakenOutAtOnce() {
        var machine = machine(registeredAt: 0)
        #expect(machine.want(false, at: at(1000)) == [.begin(.deregister, timesOutAt: at(1700))])
        #expect(!machine.isOut)
        #expect(machine.ended(nil, at: at(1010), random: 0.5) == [.tell(.deregistered), .rest])
        #expect(machine.isOut)
        #expect(machine.want(true, at: at(2000)) == [.begin(.register, timesOutAt: at(5000))])
    }

    /// One operation at a time: a registration that is under way could otherwise arrive after the deregistration.
    @Test(arguments: [RegistrarMachine.Operation.register, .renew])
    func whatIsUnderWayIsGivenUpFirst(operation: RegistrarMachine.Operation) {
        var machine = machine(registeredAt: operation == .renew ? 0 : nil)
        if operation == .renew { _ = machine.timerFired(at: at(3000)) } else { _ = machine.want(true, at: at(3000)) }
        #expect(machine.want(false, at: at(3100)) == [.cancel])
        #expect(machine.want(true, at: at(3101)) == [])
        #expect(machine.want(false, at: at(3102)) == [])
        #expect(machine.timerFired(at: at(6000)) == [])
        let taken = machine.ended(.other, at: at(3110), random: 0.5)
        #expect(taken == [.begin(.deregister, timesOutAt: at(3810))])
    }

    @Test func whatSucceedsWhileItIsGivenUpIsTakenOutAllTheSame() {
        var machine = machine()
        _ = machine.want(true, at: at(0))
        _ = machine.want(false, at: at(10))
        let actions = machine.ended(nil, at: at(20), random: 0.5)
        #expect(actions == [.tell(.registered), .begin(.deregister, timesOutAt: at(720))])
    }

    @Test func aPodThatIsWantedAgainWhileItIsTakenOutIsRegisteredAfterwards() {
        for failure in [nil, RegistrarMachine.Failure.other] {
            var machine = machine(registeredAt: 0)
            _ = machine.want(false, at: at(1000))
            #expect(machine.want(true, at: at(1001)) == [])
            let actions = machine.ended(failure, at: at(1010), random: 0.5)
            #expect(actions.last == .begin(.register, timesOutAt: at(4010)))
        }
    }

    @Test func takingOutIsTriedAgainEachSecondUntilTheEntryHasRunOut() {
        var machine = machine(registeredAt: 0)
        _ = machine.want(false, at: at(1000))
        let failed = machine.ended(.other, at: at(1000), random: 0.5)
        #expect(failed == [.tell(.failing(.deregister)), .wait(until: at(1200))])
        var now: Int64 = 1200
        while now < 9000 {
            #expect(machine.timerFired(at: at(now)) == [.begin(.deregister, timesOutAt: at(now + 3000))])
            guard case .wait(let until)? = machine.ended(.other, at: at(now), random: 0.5).last else {
                Issue.record("no retry")
                return
            }
            let next = (until.nanoseconds + 999_999) / 1_000_000
            #expect(next - now <= 1000)
            now = next
        }
        #expect(machine.timerFired(at: at(9000)) == [.tell(.ranOut), .rest])
        #expect(machine.isOut)
    }

    @Test func anEntryThatIsNotThereIsOut() {
        var machine = machine(registeredAt: 0)
        _ = machine.want(false, at: at(1000))
        #expect(machine.ended(.notFound, at: at(1010), random: 0.5) == [.tell(.deregistered), .rest])
    }

    /// The registry may have heard what it did not answer.
    @Test func aRegistrationWithoutAnAnswerIsTakenOut() {
        var machine = machine()
        _ = machine.want(true, at: at(0))
        _ = machine.ended(.other, at: at(3000), random: 0.5)
        #expect(machine.want(false, at: at(3100)) == [.begin(.deregister, timesOutAt: at(3800))])
    }
}
