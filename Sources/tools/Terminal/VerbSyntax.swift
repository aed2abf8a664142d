import Bytes
package import Settings
import System

/// What can follow a verb, as in `samplectl status --name other`.
package struct VerbSyntax: Sendable {
    package let name: String
    /// One line, for the list of verbs.
    package let summary: String
    /// Placeholders in order; those in brackets may be left out, and stand last.
    package let operands: [String]
    package let options: [any AnySetting]
    /// Paragraphs after the options.
    package let remarks: String

    package init(
        _ name: String, summary: String, operands: [String] = [], options: [any AnySetting] = [], remarks: String = ""
    ) {
        self.name = name
        self.summary = summary
        self.operands = operands
        self.options = options
        self.remarks = remarks
    }

    /// What the words after the verb say; nil if they ask for help.
    package func parse(_ words: some Sequence<String>) throws(UsageError) -> SettingValues? {
        let parser = CommandLineParser(options, operands: operands, style: .verb(name, of: Program.name))
        return if case .values(let values) = try parser.parse(words) { values } else { nil }
    }

    /// Beside it stands what the options mean, if that leaves room enough.
    private static let widestUsage = 24

    package var help: String {
        let usage = ["usage: \(Program.name)", name] + (options.isEmpty ? [] : ["[options]"]) + operands
        var text = Paragraphs.fit("\(usage.joined(separator: " "))\n\n\(summary.capitalizedFirst).\n")
        if !options.isEmpty {
            let width = options.map(\.usage.count).filter { $0 <= VerbSyntax.widestUsage }.max() ?? 0
            let items = options.flatMap { Paragraphs.item("  \($0.usage)", $0.help, column: width + 4) }
            text += "\n" + items.map { "\($0)\n" }.joined()
        }
        if !remarks.isEmpty { text += "\n\(Paragraphs.fit(remarks))\n" }
        return text
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
