package import Addresses
import Bytes
import Timing

/// A type of value: how it is written, and what to say of text that is not one.
package struct SettingKind<Value: Sendable>: Sendable {
    let placeholder: String
    package let expectation: String
    let isSwitch: Bool
    /// What there is to choose from; empty if that has no end.
    let choices: [String]
    package let parse: @Sendable (String) -> Value?
    package let format: @Sendable (Value) -> String

    package init(
        placeholder: String, expectation: String, isSwitch: Bool = false, choices: [String] = [],
        parse: @escaping @Sendable (String) -> Value?, format: @escaping @Sendable (Value) -> String
    ) {
        self.placeholder = placeholder
        self.expectation = expectation
        self.isSwitch = isSwitch
        self.choices = choices
        self.parse = parse
        self.format = format
    }
}

extension SettingKind<Duration> {
    package static var duration: SettingKind { duration(atLeast: .zero) }

    package static func duration(atLeast minimum: Duration) -> SettingKind {
        let floor = minimum == .zero ? "" : ", at least \(DurationText.format(minimum))"
        return SettingKind(
            placeholder: "DURATION", expectation: DurationText.expectation + floor,
            parse: { text in DurationText.parse(text).flatMap { $0 >= minimum ? $0 : nil } },
            format: DurationText.format)
    }
}

extension SettingKind<Duration?> {
    /// nil is written `off`.
    package static var durationOrOff: SettingKind { durationOrOff(atLeast: .zero) }

    package static func durationOrOff(atLeast minimum: Duration) -> SettingKind {
        optional(.duration(atLeast: minimum), or: "off")
    }
}

extension SettingKind<SocketAddress> {
    package static var address: SettingKind<SocketAddress> {
        SettingKind(
            placeholder: "ADDRESS", expectation: SocketAddress.expectation, parse: { SocketAddress($0) },
            format: { address in
                if case .ip(.v6(0), let port) = address { ":\(port)" } else { address.description }
            })
    }
}

extension SettingKind<Int> {
    package static func integer(_ range: ClosedRange<Int>) -> SettingKind {
        let limits = "from \(range.lowerBound) to \(range.upperBound)"
        return SettingKind(
            placeholder: "NUMBER", expectation: "a whole number \(limits)",
            parse: { text in Decimal.number(text.utf8.span).flatMap { range.contains($0) ? $0 : nil } },
            format: \.description)
    }

    private static let byteUnits = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]

    /// A number of bytes: `65536`, `64KiB`, `4MiB` or `1GiB`.
    package static func bytes(_ range: ClosedRange<Int>) -> SettingKind {
        let limits = "from \(formatBytes(range.lowerBound)) to \(formatBytes(range.upperBound))"
        return SettingKind(
            placeholder: "BYTES", expectation: "a number of bytes \(limits), such as 65536, 64KiB or 4MiB",
            parse: { text in parseBytes(text).flatMap { range.contains($0) ? $0 : nil } }, format: formatBytes)
    }

    private static func parseBytes(_ text: String) -> Int? {
        guard let unit = byteUnits.first(where: { text.hasSuffix($0.0) }) else { return Decimal.number(text.utf8.span) }
        guard let number = Decimal.number(text.dropLast(3).utf8.span) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.1)
        return overflow ? nil : product
    }

    private static func formatBytes(_ count: Int) -> String {
        guard count > 0, let unit = byteUnits.last(where: { count.isMultiple(of: $0.1) }) else { return "\(count)" }
        return "\(count / unit.1)\(unit.0)"
    }
}

extension SettingKind<Int?> {
    /// nil is written `auto`.
    package static func integerOrAuto(_ range: ClosedRange<Int>) -> SettingKind {
        optional(.integer(range), or: "auto")
    }
}

extension SettingKind {
    /// `kind`, and nil, which is written `word`.
    private static func optional<Wrapped>(_ kind: SettingKind<Wrapped>, or word: String) -> SettingKind
    where Value == Wrapped? {
        SettingKind(
            placeholder: "\(kind.placeholder)|\(word)", expectation: "\(kind.expectation), or \(word)",
            choices: kind.choices.isEmpty ? [word] : kind.choices + [word],
            // The outer optional tells whether the text is a value, the inner one is the value.
            parse: { text in text == word ? .some(nil) : kind.parse(text).map { .some($0) } },
            format: { $0.map(kind.format) ?? word })
    }
}

extension SettingKind<Bool> {
    /// `true` or `false`, also `on` or `off`; the flag alone means `true`.
    package static var boolean: SettingKind {
        SettingKind(
            placeholder: "true|false", expectation: "true or false (on or off)", isSwitch: true,
            choices: ["true", "false"],
            parse: { text in ["true": true, "on": true, "false": false, "off": false][text] }, format: \.description)
    }

    /// The flag alone.
    package static var flag: SettingKind {
        SettingKind(placeholder: "", expectation: "", isSwitch: true, parse: { _ in true }, format: \.description)
    }
}

extension SettingKind<String> {
    /// `suggestions`: what a shell may offer; whether a text is one of them is for others to say.
    package static func string(_ placeholder: String, suggestions: [String] = []) -> SettingKind {
        SettingKind(
            placeholder: placeholder, expectation: "text", choices: suggestions, parse: { $0 }, format: { $0 })
    }
}

extension SettingKind {
    /// One of several values that have names.
    package static func choice(
        of values: [Value], named name: @escaping @Sendable (Value) -> String
    ) -> SettingKind {
        let names = values.map(name)
        return SettingKind(
            placeholder: names.joined(separator: "|"), expectation: "one of " + names.joined(separator: ", "),
            choices: names, parse: { text in values.first { name($0) == text } }, format: name)
    }
}

extension SettingKind where Value: CaseIterable & RawRepresentable<String> {
    package static var choice: SettingKind { choice(of: Array(Value.allCases)) { $0.rawValue } }
}
