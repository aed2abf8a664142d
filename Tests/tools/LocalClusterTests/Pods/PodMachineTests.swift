import LocalCluster
import Testing
import Timing

@Suite struct PodMachineTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    private func at(_ seconds: Double) -> Instant { start + .milliseconds(Int64(seconds * 1000)) }

    private func readyPod() -> PodMachine {
        var pod = PodMachine(at: start)
        _ = pod.probed(succeeded: true)
        return pod
    }

    @Test func itIsReadyWithItsFirstGoodProbe() {
        var pod = PodMachine(at: start)
        #expect(pod.probed(succeeded: false) == [])
        #expect(!pod.isReady)
        #expect(pod.probed(succeeded: true) == [.announceReadiness])
        #expect(pod.isReady)
        #expect(pod.probed(succeeded: true) == [])
    }

    @Test func oneFailedProbeIsForgivenTwoInARowAreNot() {
        var pod = readyPod()
        #expect(pod.probed(succeeded: false) == [])
        #expect(pod.probed(succeeded: true) == [])
        #expect(pod.probed(succeeded: false) == [])
        #expect(pod.isReady)
        #expect(pod.probed(succeeded: false) == [.announceReadiness])
        #expect(!pod.isReady)
        #expect(pod.probed(succeeded: true) == [.announceReadiness])
        #expect(pod.isReady)
    }

    @Test func aReadyPodThatCrashesLeavesDNSAndStartsAgainAtOnce() {
        var pod = readyPod()
        #expect(pod.processEnded("signal 9", at: at(60)) == [.announceReadiness])
        #expect(pod.status == "CrashLoopBackOff" && pod.lastEnd == "signal 9" && pod.wakeUp == at(60))
        #expect(pod.timeReached(at(60)) == [.startProcess])
        #expect(pod.restarts == 1 && !pod.isReady && pod.wakeUp == .distantFuture)
    }

    @Test func quickCrashesAreDelayedMoreAndMoreUpToAMinute() {
        var pod = PodMachine(at: start)
        var now = start
        var delays: [Duration] = []
        for _ in 0..<10 {
            #expect(pod.processEnded("exit status 1", at: now) == [])
            delays.append(pod.wakeUp - now)
            now = pod.wakeUp
            #expect(pod.timeReached(now) == [.startProcess])
        }
        #expect(delays == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
    }

    @Test func tenSecondsOfRunningForgiveEarlierCrashes() {
        var pod = PodMachine(at: start)
        var now = start
        for _ in 0..<3 {
            _ = pod.processEnded("exit status 1", at: now)
            now = pod.wakeUp
            _ = pod.timeReached(now)
        }
        now = now + .milliseconds(9_999)
        _ = pod.processEnded("exit status 1", at: now)
        #expect(pod.wakeUp - now == .seconds(4))
        now = pod.wakeUp
        _ = pod.timeReached(now)
        now = now + .seconds(10)
        _ = pod.processEnded("exit status 1", at: now)
        #expect(pod.wakeUp == now)
    }

    @Test func itIsNotStartedBeforeItsTime() {
        var pod = PodMachine(at: start)
        _ = pod.processEnded("exit status 1", at: at(0))
        _ = pod.timeReached(at(0))
        _ = pod.processEnded("exit status 1", at: at(0))
        #expect(pod.timeReached(at(0.999)) == [])
        #expect(pod.timeReached(at(1)) == [.startProcess])
    }

    @Test func anUnwantedPodLeavesDNSBeforeItIsAskedToStop() {
        var pod = readyPod()
        #expect(pod.terminate(at: at(1)) == [.announceReadiness, .askToStop])
        #expect(!pod.isReady && !pod.isWanted && pod.status == "Terminating" && pod.wakeUp == at(76))
        #expect(pod.probed(succeeded: true) == [])
        #expect(!pod.isReady)
        #expect(pod.processEnded("exit status 0", at: at(2)) == [.remove])
        #expect(pod.phase == .gone)
    }

    @Test func aPodThatDoesNotStopIsKilledOnce() {
        var pod = PodMachine(at: start)
        #expect(pod.terminate(at: at(0)) == [.askToStop])
        #expect(pod.timeReached(at(74.9)) == [])
        #expect(pod.timeReached(at(75)) == [.kill])
        #expect(pod.wakeUp == .distantFuture)
        #expect(pod.timeReached(at(80)) == [])
        #expect(pod.processEnded("signal 9", at: at(80)) == [.remove])
    }

    @Test func askingAgainOnlyShortensTheGracePeriod() {
        var pod = PodMachine(at: start)
        _ = pod.terminate(at: at(0), within: .seconds(2))
        #expect(pod.terminate(at: at(1)) == [])
        #expect(pod.wakeUp == at(2))
        #expect(pod.terminate(at: at(1), within: .zero) == [])
        #expect(pod.wakeUp == at(1))
    }

    @Test func aPodWithoutAProcessIsGoneAtOnce() {
        var pod = PodMachine(at: start)
        _ = pod.processEnded("exit status 1", at: at(0))
        #expect(pod.terminate(at: at(0)) == [.remove])
        #expect(pod.timeReached(at(1)) == [])
    }
}
