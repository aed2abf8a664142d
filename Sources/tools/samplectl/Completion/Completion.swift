import Bytes
import LoadBalancing
package import LocalCluster
import Settings
import System
import Terminal

/// What can stand where somebody types, by the same tables as `--help`. The scripts of the shells ask for it.
package enum Completion {
    /// Hidden: `samplectl __complete WORDS…` with the words after the program's name, the last of which is being typed.
    package static let verb = "__complete"

    package struct Candidate: Equatable, Sendable {
        package let text: String
        package let about: String

        package init(_ text: String, _ about: String = "") {
            self.text = text
            self.about = about
        }
    }

    package enum Answer: Equatable, Sendable {
        case candidates([Candidate])
        /// The shell knows them better.
        case directories
    }

    /// A line for each candidate, its meaning after a tab; or the one line `:directories`.
    static func answer(_ words: some Sequence<String>) -> String {
        switch find(Array(words), pods: livePods) {
        case .directories: ":directories\n"
        case .candidates(let candidates): candidates.map { "\($0.text)\t\($0.about)\n" }.joined()
        }
    }

    /// `pods` finds the names of a system's pods.
    package static func find(_ words: [String], pods: (Instance) -> [String]) -> Answer {
        let typed = words.last ?? ""
        guard words.count > 1 else { return matching(typed, verbs + [Candidate("--help"), Candidate("--version")]) }
        guard let verb = Verb(rawValue: words[0]) else { return .candidates([]) }
        let place = Place(verb.syntax, words: words.dropFirst().dropLast())
        if let option = place.option { return values(of: option, typed, prefix: "") }
        if typed.hasPrefix("-"), !place.isOperandsOnly {
            if let equals = typed.firstIndex(of: "=") {
                let flag = typed[..<equals]
                guard let option = verb.syntax.options.first(where: { $0.flag == flag }) else { return .candidates([]) }
                return values(of: option, String(typed[typed.index(after: equals)...]), prefix: "\(flag)=")
            }
            return matching(typed, flags(verb.syntax))
        }
        guard let operand = place.operand else { return .candidates([]) }
        let instance = place.instance
        return matching(typed, operand.flatMap { values(of: $0, typed, verb) { instance.map(pods) ?? [] } })
    }

    private static var verbs: [Candidate] { Verb.listed.map { Candidate($0.rawValue, $0.syntax.summary) } }

    private static func flags(_ syntax: VerbSyntax) -> [Candidate] {
        syntax.options.flatMap { option in
            ((option.letter.map { ["-\($0)"] } ?? []) + [option.flag]).map { Candidate($0, option.help) }
        } + [Candidate("--help", "tell the options")]
    }

    private static func values(of option: any AnySetting, _ typed: String, prefix: String) -> Answer {
        if option.placeholder == "DIR" { return prefix.isEmpty ? .directories : .candidates([]) }
        return matching(prefix + typed, option.choices.map { Candidate(prefix + $0) })
    }

    /// Of an alternative of an operand, such as `POD`, `on` or `mode=M`.
    private static func values(
        of placeholder: Substring, _ typed: String, _ verb: Verb, pods: () -> [String]
    ) -> [Candidate] {
        if let equals = placeholder.firstIndex(of: "=") {
            let names =
                placeholder[..<equals] == "COMPONENT" ? components.map(\.text) : [String(placeholder[..<equals])]
            // Not before it is clear what the value is of.
            guard let name = names.first(where: { typed.hasPrefix("\($0)=") }) else {
                return names.map { Candidate("\($0)=") }
            }
            return values(of: placeholder[placeholder.index(after: equals)...], "", verb, pods: pods).map {
                Candidate("\(name)=\($0.text)", $0.about)
            }
        }
        return switch placeholder {
        case "POD": pods().map { Candidate($0) }
        case "COMPONENT": components
        case "M": Mode.all.map { Candidate($0.name, $0.summary) }
        case "P": LoadBalancingPolicyName.allCases.map { Candidate($0.rawValue) }
        case "VERB": verbs
        case "NAME" where verb == .nslookup: serviceNames.map { Candidate($0) }
        // Any other in capitals stands for something that has no list: a number, a time.
        case _ where placeholder == placeholder.uppercased(): []
        default: [Candidate(String(placeholder))]
        }
    }

    private static var components: [Candidate] {
        Component.all.map { Candidate($0.name, "pods \($0.deployment)-…") }
    }

    private static var serviceNames: [String] { Component.all.flatMap(\.services).map(\.name) }

    /// What begins with what is typed; or the one pod of which that is a part.
    private static func matching(_ typed: String, _ candidates: [Candidate]) -> Answer {
        let beginning = candidates.filter { $0.text.hasPrefix(typed) }
        if !beginning.isEmpty || typed.isEmpty { return .candidates(beginning) }
        let similar = candidates.filter { PodName.isPod($0.text) && $0.text.contains(typed) }
        return .candidates(similar.count == 1 ? similar : [])
    }

    /// Without asking anybody: a directory for each pod that there is. Nobody waits for a supervisor while he types.
    private static func livePods(of instance: Instance) -> [String] {
        let directory = StateDirectory(instance.directory)
        guard let supervisor = StateFile.read(directory.state)?.supervisor, ProcessTable.isRunning(supervisor),
            let names = try? FileSystem.names(in: directory.pods)
        else { return [] }
        return names.filter(PodName.isPod).sorted()
    }
}

/// Where on the line of a verb the word is that is being typed.
private struct Place {
    /// Whose value it is; nil if it is no option's.
    private(set) var option: (any AnySetting)?
    /// After `--`.
    private(set) var isOperandsOnly = false
    /// The alternatives of the operand that it is; nil if there can be no further one.
    private(set) var operand: [Substring]?
    private(set) var instance: Instance?

    /// `words` stand between the verb and the one that is being typed.
    init(_ syntax: VerbSyntax, words: some Sequence<String>) {
        var operands = 0
        for word in words {
            if option != nil {
                option = nil
            } else if isOperandsOnly || !word.hasPrefix("-") || word == "-" {
                operands += 1
            } else if word == "--" {
                isOperandsOnly = true
            } else if !word.contains("=") {
                let named = syntax.options.first { $0.flag == word || $0.letter.map { "-\($0)" == word } == true }
                option = named.flatMap { $0.isSwitch ? nil : $0 }
            }
        }
        let repeats = syntax.operands.last?.contains("...") == true
        let index = repeats ? min(operands, syntax.operands.count - 1) : operands
        if syntax.operands.indices.contains(index) {
            operand = syntax.operands[index].split { "[]|.".contains($0) }
        }
        let values = try? CommandLineParser(syntax.options, operands: ["[WORD]..."], style: .verb("", of: ""))
            .parse(Array(words) + (option == nil ? [] : [""]))
        if case .values(let values)? = values { instance = try? Instance(values) }
    }
}
