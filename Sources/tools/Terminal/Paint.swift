import System

/// Colours for a terminal; plain text for everything else.
package struct Paint: Equatable, Sendable {
    package enum Colour: Int, CaseIterable, Sendable {
        case red = 31
        case green = 32
        case yellow = 33
        case blue = 34
        case magenta = 35
        case cyan = 36
    }

    package let isOn: Bool

    package init(isOn: Bool) {
        self.isOn = isOn
    }

    /// On for a terminal, unless NO_COLOR (no-color.org) or TERM=dumb forbids it.
    package static var forStandardOutput: Paint {
        let forbidden = Program.environment("NO_COLOR").map { !$0.isEmpty } ?? false
        return Paint(isOn: Program.Output.standard.isTerminal && !forbidden && Program.environment("TERM") != "dumb")
    }

    package func callAsFunction(_ colour: Colour, _ text: String) -> String { wrap(text, "\(colour.rawValue)") }
    package func bold(_ text: String) -> String { wrap(text, "1") }
    package func dim(_ text: String) -> String { wrap(text, "2") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
