import System

/// What is being done, for a person who waits: one line of a terminal, which goes when it is over. Nobody else sees it.
final class DoctorProgress {
    private let isTerminal = Program.Output.error.isTerminal
    private var isShown = false

    func show(_ text: String) {
        guard isTerminal else { return }
        // Back to the beginning, and what was there goes.
        let columns = Program.Output.error.columns ?? 80
        Program.Output.error.write("\r\u{1b}[K" + text.prefix(max(columns - 1, 0)))
        isShown = true
    }

    func end() {
        if isShown { Program.Output.error.write("\r\u{1b}[K") }
        isShown = false
    }
}
