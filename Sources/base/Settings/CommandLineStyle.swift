import Bytes

/// The customs of a command line, and how mistakes in it are put into words.
package struct CommandLineStyle: Sendable {
    /// Of a tool; nil for a service.
    let verb: String?
    /// Where to look when a message alone does not help.
    private let hint: String

    /// A daemon, which is started by scripts and manifests, and whose complaints land in a log: of two flags the later
    /// one counts, so that one can be appended; what was given is quoted as in log lines; `--version` is answered.
    package static let service = CommandLineStyle(verb: nil, hint: "--help lists all options")

    /// A verb of a tool, which somebody types and reads: options have letters, too, and one that is given twice is
    /// refused, because it cannot be known which of the two is meant.
    package static func verb(_ verb: String, of tool: String) -> CommandLineStyle {
        CommandLineStyle(verb: verb, hint: "see \(tool) \(verb) --help")
    }

    func unknownOption(_ name: String, nearest: String?) -> UsageError {
        let name = verb == nil ? CommandLineStyle.quote(name) : name
        return UsageError("unknown option \(name); \(nearest.map { "did you mean \($0)?" } ?? hint)")
    }

    func unexpectedOperand(_ word: String) -> UsageError {
        let problem = verb.map { "\($0) does not take '\(word)'" }
        return UsageError("\(problem ?? "unexpected argument \(CommandLineStyle.quote(word))"); \(hint)")
    }

    func missingOperand(_ placeholder: String) -> UsageError {
        UsageError("\(verb.map { "\($0) needs " } ?? "missing: ")\(placeholder); \(hint)")
    }

    /// `source` is what the author wrote: the flag or the variable.
    func badValue(_ text: String, from source: String, expected: String) -> UsageError {
        UsageError(
            verb == nil
                ? "\(source): \(CommandLineStyle.quote(text)) is not \(expected)"
                : "\(source) '\(text)' is not possible; expected: \(expected)")
    }

    /// One line, whatever the text holds.
    static func quote(_ text: String) -> String {
        var bytes: [UInt8] = []
        PrintableText.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
