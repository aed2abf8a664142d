import Lab
import Testing
import Timing

/// What is being done, and how long the rest may take.
@Suite struct LabScheduleTests {
    private let start = Instant(nanoseconds: 0)
    private let schedule = LabSchedule([
        .init(mode: "clusterip", trial: "spread", about: .seconds(10)),
        .init(mode: "clusterip", trial: "scale-out", about: .seconds(110)),
        .init(mode: "headless", trial: "spread", about: .seconds(480)),
    ])

    @Test func `the time left is what the steps say of themselves, less what is over`() {
        var schedule = schedule
        #expect(schedule.line(at: start) == nil)
        schedule.begin(0, at: start)
        #expect(schedule.line(at: start) == "[1/3] clusterip, spread; about 10 min left")
        #expect(schedule.line(at: start + .seconds(5)) == "[1/3] clusterip, spread: 5 s; about 10 min left")
        schedule.begin(1, at: start + .seconds(10))
        #expect(schedule.left(at: start + .seconds(20)) == .seconds(580))
        schedule.begin(2, at: start + .seconds(120))
        #expect(schedule.line(at: start + .seconds(550)) == "[3/3] headless, spread: 430 s; less than a minute left")
    }

    @Test func `a machine that is slower than they say has its own time`() {
        var schedule = schedule
        schedule.begin(0, at: start)
        schedule.begin(1, at: start + .seconds(30))
        #expect(schedule.left(at: start + .seconds(30)) == .seconds(885), "(30 + 30) ÷ (10 + 30) of 590 s")
        schedule.begin(2, at: start + .seconds(5000))
        #expect(schedule.left(at: start + .seconds(5000)) == .seconds(1440), "three times, at most")
    }

    @Test func `a step that takes longer than it said has nothing left, not less`() {
        var schedule = schedule
        schedule.begin(2, at: start)
        #expect(schedule.left(at: start + .seconds(9999)) == .zero)
        schedule.finish(at: start + .seconds(9999))
        #expect(schedule.line(at: start + .seconds(9999)) == nil)
        schedule.begin(7, at: start + .seconds(9999))
        #expect(schedule.left(at: start + .seconds(9999)) == .zero)
    }
}
