import Settings

/// How a command tells what it has to tell.
package enum OutputFormat: String, CaseIterable, Sendable {
    case text, json

    static let setting = Setting(
        "OUTPUT", letter: "o", .choice, default: OutputFormat.text, help: "for people, or for programs (default text)")
}
