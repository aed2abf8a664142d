import LocalCluster
import System
import Terminal
import Testing
import samplectl

@Suite struct ArgumentsTests {
    private let syntax = VerbSyntax(
        "test", summary: "", operands: ["NAME", "[MORE]"],
        options: [
            OptionSyntax("port", value: "PORT", help: "a port"), OptionSyntax("follow", letter: "f", help: "go on"),
        ])

    @Test func optionsAndOperandsMayBeMixed() throws {
        let arguments = try Arguments(["a", "--port", "1", "-f", "b"], syntax: syntax)
        #expect(arguments.operands == ["a", "b"])
        #expect(arguments.options == ["port": "1", "follow": ""])
        #expect(try Arguments(["--port=1=2", "a"], syntax: syntax).options == ["port": "1=2"])
        #expect(try Arguments(["--", "--port"], syntax: syntax).operands == ["--port"])
    }

    @Test(arguments: [
        (["a", "--prot", "1"], "unknown option --prot"), (["a", "--port"], "--port needs a value"),
        (["a", "--follow=yes"], "--follow takes no value"), (["a", "-f", "--follow"], "--follow is given twice"),
        ([], "test needs NAME"), (["a", "b", "c"], "test does not take 'c'"), (["a", "-x"], "unknown option -x"),
    ])
    func mistakesAreNamed(words: [String], message: String) {
        let error = #expect(throws: UsageError.self) { try Arguments(words, syntax: syntax) }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("\n") == false)
    }

    @Test func helpIsPossibleWithoutOperands() throws {
        #expect(try Arguments(["--help"], syntax: syntax).wantsHelp)
        #expect(try Arguments(["-h", "a", "b", "c"], syntax: syntax).wantsHelp)
        #expect(throws: UsageError.self) { try Arguments(["--bogus", "--help"], syntax: syntax) }
    }

    @Test(arguments: Verb.allCases) func everyVerbExplainsAllItsOptions(verb: Verb) {
        let help = verb.syntax.help
        #expect(help.hasPrefix("usage: \(Program.name) \(verb.rawValue)"))
        for option in verb.syntax.options { #expect(help.contains("--\(option.name)")) }
        #expect(Verb.help.contains("\n  \(verb.rawValue) ") == (verb != .supervise))
    }

    @Test func theSupervisorIsStartedByAVerbThatThereIs() {
        #expect(Verb(rawValue: Supervision.verb) == .supervise)
    }
}
