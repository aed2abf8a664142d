/// A text that is shown in one place of a terminal, and changes there: the next one goes over the one before, and what was
/// on the screen above stays. Pure.
package struct Redraw: Equatable, Sendable {
    private var linesAbove = 0

    package init() {}

    /// What to write so that the terminal shows `text` and nothing of the one before. What does not fit is left out: lines
    /// that the terminal broke, or that have left it at the top, could not be gone over.
    package mutating func frame(_ text: String, columns: Int, rows: Int) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        // The cursor stands in a line of its own below.
        let fitting = lines.prefix(max(1, rows - 1)).map { $0.prefix(max(1, columns)) }
        let up = linesAbove > 0 ? "\u{1b}[\(linesAbove)A" : ""
        linesAbove = fitting.count
        // To the start of the line, and all below is erased.
        return up + "\r\u{1b}[J" + fitting.map { $0 + "\n" }.joined()
    }
}
