package import Events
import System
import Terminal
import Timing

/// Tells a person who waits what is being done and how long the rest may take, on standard error: on a terminal in one
/// line that is drawn anew each second, elsewhere in a line for each step. Loop thread only.
package final class LabProgress {
    package typealias Step = LabSchedule.Step

    private static let pause = Duration.seconds(1)

    private var schedule: LabSchedule
    private var redraw = Redraw()
    /// One that can go back over a line.
    private let isTerminal = Program.Output.error.isTerminal && Program.environment("TERM") != "dumb"
    private var timer: Timer?

    package init(steps: [Step], on loop: EventLoop) {
        schedule = LabSchedule(steps)
        if isTerminal { timer = Timer(on: loop) { [weak self] in self?.tick() } }
    }

    /// The step of this number, from 0 on.
    package func begin(_ index: Int) {
        schedule.begin(index, at: MonotonicClock.now)
        if isTerminal {
            tick()
        } else if let line = schedule.line(at: MonotonicClock.now) {
            Program.Output.error.write(line + "\n")
        }
    }

    /// All is over, or given up: the line goes.
    package func end() {
        schedule.finish(at: MonotonicClock.now)
        timer?.cancel()
        if isTerminal { show("") }
    }

    private func tick() {
        guard let line = schedule.line(at: MonotonicClock.now) else { return }
        show(line)
        timer?.schedule(after: LabProgress.pause)
    }

    private func show(_ line: String) {
        let output = Program.Output.error
        output.write(redraw.frame(line, columns: output.columns ?? 80, rows: output.rows ?? 24))
    }
}
