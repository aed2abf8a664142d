/// What a command line says: the settings' values, as flags, environment and defaults have it, in this order, and the
/// operands.
package struct SettingValues: Sendable {
    private struct Given {
        let value: any Sendable
        let text: String
        /// As its author wrote it: the flag or the variable.
        let source: String
    }

    private var given: [String: Given] = [:]
    package let operands: [String]
    /// What is to be told of variables whose values are none, and do not count (`AnySetting.instead`): a line for each.
    package internal(set) var ignored: [String] = []

    package init(operands: [String] = []) {
        self.operands = operands
    }

    package subscript<Value>(setting: Setting<Value>) -> Value { given(setting) ?? setting.defaultValue }

    /// nil if neither a flag nor a variable gave it.
    package func given<Value>(_ setting: Setting<Value>) -> Value? {
        // A value is stored under its setting's name after that setting has parsed it.
        (given[setting.name]?.value as? Setting<Value>.Parsed)?.value
    }

    /// Its value comes from its variable.
    package func isFromVariable(_ setting: any AnySetting) -> Bool { given[setting.name]?.source == setting.name }

    /// An error about a value that parses and still cannot be used: `GRPC_TARGET: "x://" reason`.
    /// `quoting` takes the place of a value that has more in it than others may read.
    package func rejection(
        of setting: any AnySetting, quoting text: String? = nil, because reason: String
    ) -> UsageError {
        guard let given = given[setting.name] else { return UsageError("\(setting.name): \(reason)") }
        return UsageError("\(given.source): \(CommandLineStyle.quote(text ?? given.text)): \(reason)")
    }

    mutating func set(
        _ setting: any AnySetting, to text: String, from source: String, _ style: CommandLineStyle
    ) throws(UsageError) {
        guard let value = setting.parse(text) else {
            throw style.badValue(text, from: source, expected: setting.expectation)
        }
        given[setting.name] = Given(value: value, text: text, source: source)
    }
}
