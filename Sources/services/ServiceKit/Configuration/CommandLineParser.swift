/// Reads arguments and environment by a list of settings. Pure.
package struct CommandLineParser: Sendable {
    package enum Result: Sendable {
        case values(SettingValues)
        case help
        case version
    }

    let settings: [any AnySetting]
    /// Where to look when a message alone does not help.
    private static let hint = "--help lists all options"

    package init(_ settings: [any AnySetting]) {
        self.settings = settings
    }

    /// A variable that is set to nothing counts as not set: that is how a template leaves one out.
    package func parse(
        _ arguments: [String], environment: (String) -> String?
    ) throws(UsageError) -> Result {
        var flags: [(setting: any AnySetting, text: String)] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" { return .help }
            if argument == "--version" { return .version }
            flags.append(try flag(argument, &rest))
        }
        var values = SettingValues()
        for setting in settings {
            if flags.contains(where: { $0.setting.name == setting.name }) { continue }
            guard let text = environment(setting.name), !text.isEmpty else { continue }
            try values.set(setting, to: text, from: setting.name)
        }
        for flag in flags { try values.set(flag.setting, to: flag.text, from: flag.setting.flag) }
        return .values(values)
    }

    /// `--flag value`, `--flag=value`, or a switch alone; a value may begin with a dash.
    private func flag(
        _ argument: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> (setting: any AnySetting, text: String) {
        guard argument.hasPrefix("--") else {
            throw UsageError("unexpected argument \(SettingValues.quote(argument)); \(CommandLineParser.hint)")
        }
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? argument
        guard let setting = settings.first(where: { $0.flag == name }) else { throw unknown(name) }
        if parts.count == 2 { return (setting, String(parts[1])) }
        if setting.isSwitch {
            guard let next = rest.first, setting.parse(next) != nil else { return (setting, "true") }
        }
        guard let text = rest.popFirst() else {
            throw UsageError("\(name) needs a value: \(setting.expectation)")
        }
        return (setting, text)
    }

    private func unknown(_ name: String) -> UsageError {
        let candidates = (settings.map(\.flag) + ["--help", "--version"]).map { ($0, EditDistance.between($0, name)) }
        let nearest = candidates.min { $0.1 < $1.1 }
        // Farther than a third of its letters it is another word and no slip.
        if let nearest, nearest.1 <= max(2, name.utf8.count / 3) {
            return UsageError("unknown option \(SettingValues.quote(name)); did you mean \(nearest.0)?")
        }
        return UsageError("unknown option \(SettingValues.quote(name)); \(CommandLineParser.hint)")
    }
}

/// How many letters have to be inserted, removed or replaced to get from one word to another (Levenshtein).
enum EditDistance {
    static func between(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8.prefix(64))
        var row = Array(0...right.count)
        for (number, letter) in left.utf8.prefix(64).enumerated() {
            var diagonal = number
            row[0] = number + 1
            for (index, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[index + 1]
                row[index + 1] = min(replaced, diagonal + 1, row[index] + 1)
            }
        }
        return row[right.count]
    }
}
