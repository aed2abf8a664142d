/// One thing that a program can be told: by the flag that is named after it, and a service by an environment variable.
package struct Setting<Value: Sendable>: AnySetting {
    /// The environment variable: `MAX_CONNECTION_AGE`.
    package let name: String
    /// For a flag that is typed often: the `f` of `-f`.
    package let letter: Character?
    package let placeholder: String
    package let defaultValue: Value
    package let help: String
    package let instead: String?
    private let kind: SettingKind<Value>

    /// `placeholder` takes the place of the kind's own.
    package init(
        _ name: String, letter: Character? = nil, _ kind: SettingKind<Value>, placeholder: String? = nil,
        default defaultValue: Value, help: String, instead: String? = nil
    ) {
        self.name = name
        self.letter = letter
        self.kind = kind
        self.placeholder = placeholder ?? kind.placeholder
        self.defaultValue = defaultValue
        self.help = help
        self.instead = instead
    }

    package var defaultText: String { kind.format(defaultValue) }
    package var expectation: String { kind.expectation }
    package var isSwitch: Bool { kind.isSwitch }
    package var choices: [String] { kind.choices }
    package func parse(_ text: String) -> (any Sendable)? { value(of: text).map { Parsed(value: $0) } }

    /// nil if the text is not a value.
    package func value(of text: String) -> Value? { kind.parse(text) }

    /// Keeps a value that is itself an optional apart from the lack of a value, which a cast would not.
    struct Parsed: Sendable {
        let value: Value
    }
}

/// A setting whatever its type, for lists of them.
package protocol AnySetting: Sendable {
    var name: String { get }
    var letter: Character? { get }
    /// Says in a sentence what it is for.
    var help: String { get }
    /// Stands for the value in `--help`, and tells its unit: `DURATION|off`. Empty if the flag takes no value.
    var placeholder: String { get }
    /// Empty if there is no default.
    var defaultText: String { get }
    /// Completes "…is not" in a message about a bad value.
    var expectation: String { get }
    /// Whether the flag alone, without a value, means `true`.
    var isSwitch: Bool { get }
    /// All values, where they have names; else none.
    var choices: [String] { get }
    /// For a variable that somebody may set for all programs of a machine: what is done in place of a value that is none,
    /// which is told then and does not keep the program from starting. nil: it is refused, as a flag's always is.
    var instead: String? { get }
    /// What `Setting` keeps of a value; nil if the text is not one.
    func parse(_ text: String) -> (any Sendable)?
}

extension AnySetting {
    /// `--max-connection-age`.
    package var flag: String { "--" + name.lowercased().replacing("_", with: "-") }

    /// As a help shows it: `-f, --follow` or `--port PORT`.
    package var usage: String {
        (letter.map { "-\($0), " } ?? "") + flag + (placeholder.isEmpty ? "" : " \(placeholder)")
    }
}
