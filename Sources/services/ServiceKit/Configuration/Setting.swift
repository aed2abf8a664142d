/// One thing that can be configured: by an environment variable, and by the flag that is named after it.
package struct Setting<Value: Sendable>: AnySetting {
    /// The environment variable: `MAX_CONNECTION_AGE`.
    package let name: String
    package let defaultValue: Value
    package let help: String
    let kind: SettingKind<Value>

    package init(_ name: String, _ kind: SettingKind<Value>, default defaultValue: Value, help: String) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.help = help
    }

    package var placeholder: String { kind.placeholder }
    package var defaultText: String { kind.format(defaultValue) }
    package var expectation: String { kind.expectation }
    package var isSwitch: Bool { kind.isSwitch }
    package func parse(_ text: String) -> (any ParsedSetting)? { value(of: text).map { Parsed(value: $0) } }

    /// nil if the text is not a value.
    package func value(of text: String) -> Value? { kind.parse(text) }

    /// Keeps a value that is itself an optional apart from the lack of a value, which a cast would not.
    struct Parsed: ParsedSetting {
        let value: Value
    }
}

/// A value of a setting, whatever its type.
package protocol ParsedSetting: Sendable {}

/// A setting whatever its type, for lists of them.
package protocol AnySetting: Sendable {
    var name: String { get }
    /// Says in a sentence what it is for.
    var help: String { get }
    /// Stands for the value in `--help`, and tells its unit: `DURATION|off`.
    var placeholder: String { get }
    /// Empty if there is no default.
    var defaultText: String { get }
    /// Completes "…is not" in a message about a bad value.
    var expectation: String { get }
    /// Whether the flag alone, without a value, means `true`.
    var isSwitch: Bool { get }
    /// nil if the text is not a value.
    func parse(_ text: String) -> (any ParsedSetting)?
}

extension AnySetting {
    /// `--max-connection-age`.
    package var flag: String { "--" + name.lowercased().replacing("_", with: "-") }
}
