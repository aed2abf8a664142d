import Telemetry

/// A mistake in how a program was started: one line for standard error, and exit status 64 (EX_USAGE of sysexits.h).
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The values of a program's settings, as flags, environment and defaults have it, in this order.
package struct SettingValues: Sendable {
    private struct Given {
        let value: any ParsedSetting
        let text: String
        /// As its author wrote it: the flag or the variable.
        let source: String
    }

    private var given: [String: Given] = [:]

    package init() {}

    package subscript<Value>(setting: Setting<Value>) -> Value {
        // A value is stored under its setting's name after that setting has parsed it.
        (given[setting.name]?.value as? Setting<Value>.Parsed)?.value ?? setting.defaultValue
    }

    /// Whether a flag or a variable gave it.
    package func isGiven(_ setting: any AnySetting) -> Bool { given[setting.name] != nil }

    /// An error about a value that parses and still cannot be used: `GRPC_TARGET: "x://" reason`.
    package func rejection(of setting: any AnySetting, because reason: String) -> UsageError {
        guard let given = given[setting.name] else { return UsageError("\(setting.name): \(reason)") }
        return UsageError("\(given.source): \(SettingValues.quote(given.text)): \(reason)")
    }

    mutating func set(_ setting: any AnySetting, to text: String, from source: String) throws(UsageError) {
        guard let value = setting.parse(text) else {
            throw UsageError("\(source): \(SettingValues.quote(text)) is not \(setting.expectation)")
        }
        given[setting.name] = Given(value: value, text: text, source: source)
    }

    /// One line, whatever the text holds.
    static func quote(_ text: String) -> String {
        var bytes: [UInt8] = []
        LogText.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
