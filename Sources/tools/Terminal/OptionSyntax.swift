/// One `--option` of a verb.
package struct OptionSyntax: Equatable, Sendable {
    /// Without the dashes.
    package let name: String
    /// One character, for `-f`.
    package let letter: Character?
    /// What stands for the value in the help; nil if the option takes none.
    package let value: String?
    package let help: String

    package init(_ name: String, letter: Character? = nil, value: String? = nil, help: String) {
        self.name = name
        self.letter = letter
        self.value = value
        self.help = help
    }

    /// As the help shows it: `-f, --follow` or `--port PORT`.
    package var usage: String {
        (letter.map { "-\($0), " } ?? "") + "--\(name)" + (value.map { " \($0)" } ?? "")
    }
}
