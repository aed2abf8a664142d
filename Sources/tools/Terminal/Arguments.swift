import System

/// A verb's arguments, taken apart but not yet understood.
package struct Arguments: Equatable, Sendable {
    /// By option name; an option without a value has the empty string.
    package private(set) var options: [String: String] = [:]
    package private(set) var operands: [String] = []
    package private(set) var wantsHelp = false

    /// `--name value`, `--name=value`, `-f`, and after `--` only operands. An option that is given twice is refused: which
    /// of the two is meant cannot be known.
    package init(_ words: some Sequence<String>, syntax: VerbSyntax) throws(UsageError) {
        var words = Array(words)[...]
        while let word = words.popFirst() {
            if word == "--" {
                operands += words
                break
            }
            if word == "--help" || word == "-h" {
                wantsHelp = true
            } else if word.hasPrefix("-"), word != "-" {
                try takeOption(word, rest: &words, syntax: syntax)
            } else {
                operands.append(word)
            }
        }
        if wantsHelp { return }
        guard operands.count <= syntax.operands.count else {
            throw UsageError(
                "\(syntax.name) does not take '\(operands[syntax.operands.count])'; see \(Program.name) \(syntax.name) --help"
            )
        }
        let required = syntax.operands.prefix { !$0.hasPrefix("[") }
        guard operands.count >= required.count else {
            throw UsageError(
                "\(syntax.name) needs \(required[operands.count]); see \(Program.name) \(syntax.name) --help")
        }
    }

    private mutating func takeOption(
        _ word: String, rest: inout ArraySlice<String>, syntax: VerbSyntax
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let found = syntax.options.first { option in
            name == "--\(option.name)" || option.letter.map { name == "-\($0)" } == true
        }
        guard let option = found else {
            throw UsageError("unknown option \(name); see \(Program.name) \(syntax.name) --help")
        }
        let attached = parts.count == 2 ? String(parts[1]) : nil
        guard options[option.name] == nil else { throw UsageError("--\(option.name) is given twice") }
        guard let placeholder = option.value else {
            guard attached == nil else { throw UsageError("--\(option.name) takes no value") }
            options[option.name] = ""
            return
        }
        guard let value = attached ?? rest.popFirst() else {
            throw UsageError("--\(option.name) needs a value: \(option.usage) (\(placeholder): \(option.help))")
        }
        options[option.name] = value
    }

    package func has(_ name: String) -> Bool { options[name] != nil }
}
