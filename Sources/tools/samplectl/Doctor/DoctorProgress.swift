import Doctor
import System
import Timing

/// What is being done, for a person who waits: one line of a terminal, which goes when it is over. Elsewhere it is said once
/// that it may take a while.
final class DoctorProgress {
    /// Whoever waits longer wants to know for what.
    private static let longSilence = Duration.seconds(5)

    private let isTerminal = Program.Output.error.isTerminal
    private let isForPeople: Bool
    private var isShown = false
    private var isAnnounced = false

    init(isForPeople: Bool) {
        self.isForPeople = isForPeople
    }

    func show(_ step: ExaminationStep) {
        guard isTerminal else { return announce(step) }
        // Back to the beginning, and what was there goes.
        let columns = Program.Output.error.columns ?? 80
        Program.Output.error.write("\r\u{1b}[K" + step.text.prefix(max(columns - 1, 0)))
        isShown = true
    }

    private func announce(_ step: ExaminationStep) {
        guard isForPeople, !isAnnounced, case .watching(_, let limit, _) = step, limit >= DoctorProgress.longSilence
        else { return }
        isAnnounced = true
        let time = DurationText.format(limit)
        Program.complain("watching for \(time), or until a server closes a connection (--watch)")
    }

    func end() {
        if isShown { Program.Output.error.write("\r\u{1b}[K") }
        isShown = false
    }
}
