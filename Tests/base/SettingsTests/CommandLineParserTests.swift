import Settings
import Testing

@Suite struct CommandLineParserTests {
    private static let age = Setting("MAX_AGE", .durationOrOff, default: nil, help: "")
    private static let loops = Setting("EVENT_LOOPS", .integer(1...64), default: 1, help: "")
    private static let permit = Setting("PERMIT", .boolean, default: false, help: "")
    private static let name = Setting("POD_NAME", .string("NAME"), default: "", help: "")
    private let parser = CommandLineParser([age, loops, permit, name])

    private func values(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> SettingValues {
        guard case .values(let values) = try parser.parse(arguments, environment: { environment[$0] }) else {
            throw UsageError("no values")
        }
        return values
    }

    private func message(_ arguments: [String], _ environment: [String: String] = [:]) -> String? {
        #expect(throws: UsageError.self) { try values(arguments, environment) }?.description
    }

    @Test func withoutAnythingDefaultsCount() throws {
        let values = try values([])
        #expect(values[CommandLineParserTests.age] == nil)
        #expect(values[CommandLineParserTests.loops] == 1)
        #expect(values.given(CommandLineParserTests.loops) == nil)
    }

    @Test(arguments: [["--max-age", "30s"], ["--max-age=30s"], ["--max-age", "1s", "--max-age=30s"]])
    func aFlagTakesItsValueEitherWay(arguments: [String]) throws {
        let values = try values(arguments)
        #expect(values[CommandLineParserTests.age] == .seconds(30))
        #expect(values.given(CommandLineParserTests.age) == .some(.seconds(30)))
    }

    @Test func offReplacesADefault() throws {
        let age = Setting("MAX_AGE", .durationOrOff, default: .seconds(30), help: "")
        #expect(try values([])[age] == .seconds(30))
        #expect(try values(["--max-age", "off"])[age] == nil)
    }

    @Test func aFlagGoesBeforeItsVariable() throws {
        let values = try values(["--event-loops", "3"], ["EVENT_LOOPS": "2", "MAX_AGE": "1s"])
        #expect(values[CommandLineParserTests.loops] == 3)
        #expect(values[CommandLineParserTests.age] == .seconds(1))
    }

    @Test func aBadVariableDoesNotMatterWhereAFlagIsGiven() throws {
        #expect(try values(["--event-loops", "3"], ["EVENT_LOOPS": "many"])[CommandLineParserTests.loops] == 3)
    }

    @Test func anEmptyVariableIsNotSet() throws {
        let values = try values([], ["EVENT_LOOPS": ""])
        #expect(values[CommandLineParserTests.loops] == 1)
        #expect(values.given(CommandLineParserTests.loops) == nil)
    }

    /// One that a platform sets for all programs: told, and as if it were not there.
    @Test func aVariableThatMayBeMeantForOthersKeepsNothingFromStarting() throws {
        let shared = Setting("SHARED_SIZE", .integer(1...9), default: 5, help: "", instead: "5 holds")
        let parser = CommandLineParser([shared, CommandLineParserTests.loops])
        func values(_ arguments: [String], _ size: String) throws -> SettingValues {
            let environment = ["SHARED_SIZE": size]
            guard case .values(let values) = try parser.parse(arguments, environment: { environment[$0] }) else {
                throw UsageError("no values")
            }
            return values
        }
        let bad = try values([], "10")
        #expect(bad[shared] == 5 && bad.given(shared) == nil)
        #expect(bad.ignored == ["SHARED_SIZE: \"10\" is not a whole number from 1 to 9; 5 holds"])
        let good = try values([], "9")
        #expect(good[shared] == 9 && good.ignored.isEmpty && good.isFromVariable(shared))
        let flag = try values(["--shared-size=8"], "10")
        #expect(flag[shared] == 8 && flag.ignored.isEmpty && !flag.isFromVariable(shared))
        // Somebody has typed it, for this program.
        #expect(throws: UsageError("--shared-size: \"0\" is not a whole number from 1 to 9")) {
            try values(["--shared-size=0"], "9")
        }
    }

    @Test func aSwitchNeedsNoValueAndMayHaveOne() throws {
        #expect(try values(["--permit"])[CommandLineParserTests.permit])
        #expect(try values(["--permit", "--event-loops", "2"])[CommandLineParserTests.permit])
        #expect(try !values(["--permit", "false"], ["PERMIT": "true"])[CommandLineParserTests.permit])
        #expect(try !values(["--permit=false"])[CommandLineParserTests.permit])
    }

    @Test func aValueMayHoldEqualsSignsAndBeginWithDashes() throws {
        #expect(try values(["--pod-name=a=b"])[CommandLineParserTests.name] == "a=b")
        #expect(try values(["--pod-name", "--x"])[CommandLineParserTests.name] == "--x")
        #expect(try values(["--pod-name="])[CommandLineParserTests.name] == "")
    }

    @Test func aBadValueIsNamedWithItsSourceAndWhatWasExpected() {
        #expect(message(["--event-loops=many"]) == #"--event-loops: "many" is not a whole number from 1 to 64"#)
        #expect(message([], ["EVENT_LOOPS": "0"]) == #"EVENT_LOOPS: "0" is not a whole number from 1 to 64"#)
    }

    @Test func aMessageIsOneLineWhateverTheValueHolds() {
        #expect(
            message([], ["EVENT_LOOPS": "a\nb\u{1b}[2J\""])?.hasPrefix(#"EVENT_LOOPS: "a\nb\u{1b}[2J\"" is not"#)
                == true)
        #expect(message(["--a\nb"])?.contains("\n") == false)
    }

    @Test func aFlagWithoutItsValueSaysWhatItNeeds() {
        #expect(message(["--event-loops"]) == "--event-loops needs a value: a whole number from 1 to 64")
    }

    @Test(arguments: [
        ("--event-loop", "did you mean --event-loops?"), ("--max-agee", "did you mean --max-age?"),
        ("--hepl", "did you mean --help?"), ("--something-else-entirely", "--help lists all options"),
    ])
    func anUnknownFlagSuggestsTheNearest(flag: String, hint: String) {
        #expect(message([flag, "1"])?.hasSuffix(hint) == true)
        #expect(message([flag + "=1"])?.contains("unknown option \"\(flag)\"") == true)
    }

    @Test(arguments: ["serve", "-x", "x=1", ""])
    func whatIsNoFlagIsRefused(argument: String) {
        #expect(message([argument])?.hasPrefix("unexpected argument") == true)
    }

    @Test func helpAndVersionGoBeforeMistakesInValues() throws {
        for (argument, isHelp) in [("--help", true), ("-h", true), ("--version", false)] {
            let result = try parser.parse(["--event-loops", "many", argument], environment: { _ in "bad" })
            switch result {
            case .help: #expect(isHelp)
            case .version: #expect(!isHelp)
            case .values: Issue.record("\(argument) was not noticed")
            }
        }
    }

    @Test func aRejectionNamesTheSourceThatGaveTheValue() throws {
        let byFlag = try values(["--pod-name", "x y"]).rejection(of: CommandLineParserTests.name, because: "no blanks")
        #expect(byFlag.description == #"--pod-name: "x y": no blanks"#)
        let byVariable = try values([], ["POD_NAME": "x y"]).rejection(
            of: CommandLineParserTests.name, because: "no blanks")
        #expect(byVariable.description == #"POD_NAME: "x y": no blanks"#)
    }
}
