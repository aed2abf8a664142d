/// Reads arguments and environment by a list of settings. Pure.
package struct CommandLineParser: Sendable {
    package enum Result: Sendable {
        case values(SettingValues)
        case help
        case version
    }

    let settings: [any AnySetting]
    /// Placeholders in order; those in brackets may be left out, and stand last. After one with `...` may come more.
    let operands: [String]
    let style: CommandLineStyle

    package init(_ settings: [any AnySetting], operands: [String] = [], style: CommandLineStyle = .service) {
        self.settings = settings
        self.operands = operands
        self.style = style
    }

    private typealias Flag = (setting: any AnySetting, text: String)

    /// Options and operands may be mixed; after `--` all are operands. A variable that is set to nothing counts as not
    /// set: that is how a template leaves one out.
    package func parse(
        _ arguments: some Sequence<String>, environment: (String) -> String? = { _ in nil }
    ) throws(UsageError) -> Result {
        var flags: [Flag] = []
        var words: [String] = []
        var rest = Array(arguments)[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": return .help
            case "--version" where style.verb == nil: return .version
            case "--":
                words += rest
                rest = []
            case _ where word.hasPrefix("--") || (style.verb != nil && word.hasPrefix("-") && word != "-"):
                let flag = try flag(word, &rest)
                if style.verb != nil, flags.contains(where: { $0.setting.name == flag.setting.name }) {
                    throw UsageError("\(flag.setting.flag) is given twice")
                }
                flags.append(flag)
            default: words.append(word)
            }
        }
        let mayRepeat = operands.last?.hasSuffix("...") == true
        if words.count > operands.count, !mayRepeat { throw style.unexpectedOperand(words[operands.count]) }
        let required = operands.prefix { !$0.hasPrefix("[") }
        if words.count < required.count { throw style.missingOperand(required[words.count]) }
        var values = SettingValues(operands: words)
        for setting in settings where !flags.contains(where: { $0.setting.name == setting.name }) {
            guard let text = environment(setting.name), !text.isEmpty else { continue }
            do throws(UsageError) {
                try values.set(setting, to: text, from: setting.name, style)
            } catch {
                guard let instead = setting.instead else { throw error }
                values.ignored.append("\(error); \(instead)")
            }
        }
        for flag in flags { try values.set(flag.setting, to: flag.text, from: flag.setting.flag, style) }
        return .values(values)
    }

    /// `--flag value`, `--flag=value`, or a switch alone; a value may begin with a dash.
    private func flag(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> Flag {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? word
        let found = settings.first { $0.flag == name || $0.letter.map { name == "-\($0)" } == true }
        guard let setting = found else { throw style.unknownOption(name, nearest: nearestFlag(to: name)) }
        if parts.count == 2 {
            if setting.placeholder.isEmpty { throw UsageError("\(setting.flag) takes no value") }
            return (setting, parts[1])
        }
        if setting.isSwitch {
            guard !setting.placeholder.isEmpty, let next = rest.first, setting.parse(next) != nil else {
                return (setting, "true")
            }
        }
        guard let text = rest.popFirst() else {
            throw UsageError("\(setting.flag) needs a value: \(setting.expectation)")
        }
        return (setting, text)
    }

    private func nearestFlag(to name: String) -> String? {
        let flags = settings.map(\.flag) + (style.verb == nil ? ["--help", "--version"] : ["--help"])
        return EditDistance.nearest(to: name, among: flags)
    }
}
