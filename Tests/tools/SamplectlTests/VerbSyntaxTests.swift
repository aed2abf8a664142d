import LocalCluster
import Settings
import System
import Terminal
import Testing
import samplectl

@Suite struct VerbSyntaxTests {
    private static let port = Setting("PORT", .integer(1...65535), default: 80, help: "a port")
    private static let follow = Setting("FOLLOW", letter: "f", .flag, default: false, help: "go on")
    private static let path = Setting("PATH", .string("DIR"), default: "/", help: "a path")
    private let syntax = VerbSyntax(
        "test", summary: "", operands: ["NAME", "[MORE]"], options: [port, follow, path])

    private func parse(_ words: String...) throws -> SettingValues { try #require(try syntax.parse(words)) }

    @Test func optionsAndOperandsMayBeMixed() throws {
        let values = try parse("a", "--port", "1", "-f", "b")
        #expect(values.operands == ["a", "b"])
        #expect(values[VerbSyntaxTests.port] == 1 && values[VerbSyntaxTests.follow])
        #expect(try parse("--path=1=2", "a")[VerbSyntaxTests.path] == "1=2")
        #expect(try parse("--", "--port").operands == ["--port"])
        #expect(try parse("-").operands == ["-"])
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let values = try parse("a")
        #expect(values[VerbSyntaxTests.port] == 80 && !values[VerbSyntaxTests.follow])
        #expect(values.given(VerbSyntaxTests.port) == nil)
    }

    @Test(arguments: [
        (["a", "--prot", "1"], "unknown option --prot; did you mean --port?"),
        (["a", "--port"], "--port needs a value"),
        (["a", "--follow=yes"], "--follow takes no value"), (["a", "-f", "--follow"], "--follow is given twice"),
        (["a", "--port", "1", "--port=1"], "--port is given twice"),
        (["a", "--port", "0"], "--port '0' is not possible; expected: a whole number from 1 to 65535"),
        ([], "test needs NAME"), (["a", "b", "c"], "test does not take 'c'"), (["a", "-x"], "unknown option -x"),
        (["--quite-another"], "unknown option --quite-another; see \(Program.name) test --help"),
        (["a", "--version"], "unknown option --version"),
    ])
    func mistakesAreNamed(words: [String], message: String) {
        let error = #expect(throws: UsageError.self) { try syntax.parse(words) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func helpIsPossibleWithoutOperands() throws {
        #expect(try syntax.parse(["--help"]) == nil)
        #expect(try syntax.parse(["-h", "a", "b", "c"]) == nil)
        #expect(throws: UsageError.self) { try syntax.parse(["--bogus", "--help"]) }
    }

    @Test(arguments: Verb.allCases) func everyVerbExplainsAllItsOptions(verb: Verb) {
        let help = verb.syntax.help
        #expect(help.hasPrefix("usage: \(Program.name) \(verb.rawValue)"))
        // What it means stands beside it, or below it.
        for option in verb.syntax.options {
            #expect(help.contains("  \(option.usage) ") || help.contains("  \(option.usage)\n"))
        }
        #expect(Verb.help.contains("\n  \(verb.rawValue) ") == (verb != .supervise))
    }

    @Test func theSupervisorIsStartedByAVerbThatThereIs() {
        #expect(Verb(rawValue: Supervision.verb) == .supervise)
    }
}
