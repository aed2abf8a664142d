import Events
import System
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct TimerTests {
    @Test func timersFireInTheOrderOfTheirDeadlines() async throws {
        try await withLoop { loop in
            let journal = Journal<Int>()
            let timers = [30, 10, 20, 0].map { delay in
                let timer = Timer(on: loop) { journal.note(delay) }
                timer.schedule(after: .milliseconds(delay))
                return timer
            }
            var order: [Int] = []
            for _ in timers { order.append(await journal.next()) }
            #expect(order == [0, 10, 20, 30])
            #expect(timers.allSatisfy { !$0.isScheduled })
        }
    }

    @Test func aTimerDoesNotFireEarly() async throws {
        try await withLoop { loop in
            let journal = Journal<Instant>()
            for delay in [1, 3, 7] {
                let started = MonotonicClock.now
                let timer = Timer(on: loop) { journal.note(MonotonicClock.now) }
                timer.schedule(at: started + .milliseconds(delay))
                #expect(await journal.next() >= started + .milliseconds(delay))
            }
        }
    }

    @Test func aCancelledTimerDoesNotFire() async throws {
        try await withLoop { loop in
            let cancelled = Timer(on: loop) { Issue.record("a cancelled timer fired") }
            cancelled.schedule(after: .milliseconds(1))
            cancelled.cancel()
            #expect(!cancelled.isScheduled)
            #expect(cancelled.deadline == .distantFuture)
            try await loop.sleep(for: .milliseconds(5))
        }
    }

    @Test func aTimerCanBeCancelledByAnotherThatIsDueInTheSameTurn() async throws {
        try await withLoop { loop in
            let journal = Journal<Bool>()
            let second = Timer(on: loop) { Issue.record("a cancelled timer fired") }
            let first = Timer(on: loop) {
                second.cancel()
                journal.note(true)
            }
            let due = loop.now + .milliseconds(1)
            first.schedule(at: due)
            second.schedule(at: due + .nanoseconds(1))
            _ = await journal.next()
            try await loop.sleep(for: .milliseconds(2))
        }
    }

    @Test func aNewDeadlineReplacesTheOldOne() async throws {
        try await withLoop { loop in
            let journal = Journal<String>()
            let moved = Timer(on: loop) { journal.note("moved") }
            let fixed = Timer(on: loop) { journal.note("fixed") }
            moved.schedule(after: .milliseconds(1))
            fixed.schedule(after: .milliseconds(5))
            moved.schedule(after: .milliseconds(10))
            #expect(await journal.next() == "fixed")
            #expect(await journal.next() == "moved")
        }
    }

    @Test func aTimerThatSchedulesItselfForNowDoesNotStarveTheLoop() async throws {
        try await withLoop { loop in
            let repeater = Repeater()
            repeater.timer = Timer(on: loop) {
                repeater.count += 1
                if repeater.count < 1000 { repeater.timer?.schedule(at: loop.now) }
            }
            repeater.timer?.schedule(at: loop.now)
            // Both must get on: the sleep although the timer is due in every turn, and the timer.
            try await loop.sleep(for: .milliseconds(1))
            #expect(repeater.count > 0)
            while repeater.count < 1000 { await Task.yield() }
            repeater.timer = nil
        }
    }

    private final class Repeater {
        var timer: Timer?
        var count = 0
    }

    @Test func theDistantFutureIsNotATimer() async throws {
        try await withLoop { loop in
            let timer = Timer(on: loop) {}
            timer.schedule(after: .milliseconds(500))
            timer.schedule(at: .distantFuture)
            #expect(!timer.isScheduled)
        }
    }

    /// Whatever is scheduled, moved and cancelled in whatever order: exactly the rest fires, in order.
    @Test(arguments: 0..<20)
    func theHeapKeepsItsOrder(seed: UInt64) async throws {
        try await withLoop { loop in
            var generator = Generator(state: seed)
            let journal = Journal<Int>()
            let base = loop.now
            var deadlines: [Int: Int] = [:]
            let timers = (0..<200).map { number in Timer(on: loop) { journal.note(number) } }
            for _ in 0..<1000 {
                let number = Int.random(in: 0..<200, using: &generator)
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    timers[number].cancel()
                    deadlines[number] = nil
                } else {
                    let offset = Int.random(in: 0..<3_000, using: &generator)
                    timers[number].schedule(at: base + .microseconds(offset))
                    deadlines[number] = offset
                }
            }
            #expect(loop.timerCount == deadlines.count)
            var fired: [Int] = []
            for _ in deadlines { fired.append(await journal.next()) }
            #expect(Set(fired) == Set(deadlines.keys))
            let offsets = fired.compactMap { deadlines[$0] }
            #expect(offsets == offsets.sorted())
            #expect(journal.isEmpty)
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }
}
