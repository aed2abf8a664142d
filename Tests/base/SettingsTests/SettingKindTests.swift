import Addresses
import Settings
import Testing

@Suite struct SettingKindTests {
    private enum Colour: String, CaseIterable, Sendable {
        case red, green
    }

    private static func setting<Value>(
        _ kind: SettingKind<Value>, _ defaultValue: Value, _ name: String = "SOME_THING"
    ) -> Setting<Value> {
        Setting(name, kind, default: defaultValue, help: "")
    }

    /// Settings with the text of their default, and what else they take and refuse.
    static let cases: [(setting: any AnySetting, defaultText: String, good: [String], bad: [String])] = [
        (
            setting(.duration, .seconds(10)), "10s", ["0s", "250ms", "5m", "1.5s"],
            ["", "10", "-1s", "s", "off", "1 s"]
        ),
        (setting(.duration(atLeast: .seconds(1)), .seconds(1)), "1s", ["1s", "2h"], ["999ms", "0s"]),
        (setting(.durationOrOff, nil), "off", ["off", "30s"], ["OFF", "none", "", "30"]),
        (setting(.durationOrOff, .seconds(30)), "30s", ["off"], []),
        (
            setting(.address, .ip(.v6(0), port: 8080)), ":8080", ["127.0.0.1:0", "0.0.0.0:80", "[::1]:80", "unix:/x"],
            ["8080", "localhost:80", "1.2.3.4", "1.2.3.4:65536"]
        ),
        (
            setting(.integer(1...64), 1), "1", ["1", "64"],
            ["0", "65", "-1", "+1", "1.0", " 1", "", "99999999999999999999"]
        ),
        (
            setting(.bytes(1...(4 << 20)), 4 << 20), "4MiB", ["1", "4194304", "64KiB", "4MiB"],
            ["0", "5MiB", "1GiB", "4MB", "MiB", "-1KiB", "99999999999999999999KiB", "9223372036854775807GiB"]
        ),
        (setting(.bytes(0...5000), 1025), "1025", ["0", "4KiB"], []),
        (setting(.boolean, false), "false", ["true", "false"], ["yes", "1", "TRUE", ""]),
        (setting(.string("TEXT"), "x"), "x", ["", "anything at all"], []),
        (setting(.choice, Colour.red), "red", ["red", "green"], ["blue", "Red", ""]),
    ]

    @Test(arguments: cases.indices)
    func eachKindTakesItsValuesAndRefusesOthers(index: Int) {
        let (setting, defaultText, good, bad) = SettingKindTests.cases[index]
        #expect(setting.defaultText == defaultText)
        #expect(setting.parse(defaultText) != nil, "the default is a value")
        for text in good { #expect(setting.parse(text) != nil, "\(text)") }
        for text in bad { #expect(setting.parse(text) == nil, "\(text)") }
        #expect(!setting.placeholder.isEmpty && !setting.expectation.isEmpty)
    }

    @Test func offIsAValueAndNotTheLackOfOne() {
        let setting = SettingKindTests.setting(.durationOrOff, .seconds(3))
        #expect(setting.value(of: "off") == .some(nil))
        #expect(setting.value(of: "1s") == .some(.seconds(1)))
        #expect(setting.value(of: "none") == nil)
    }

    @Test func bytesAreCounted() {
        let setting = SettingKindTests.setting(.bytes(0...(1 << 40)), 0)
        #expect(setting.value(of: "3KiB") == 3072)
        #expect(setting.value(of: "2GiB") == 2 << 30)
    }

    @Test func theFlagIsTheVariableInSmallLettersWithDashes() {
        #expect(
            SettingKindTests.setting(.boolean, false, "KEEPALIVE_PERMIT_WITHOUT_STREAM").flag
                == "--keepalive-permit-without-stream")
    }

    @Test func aRangeIsNamedInTheExpectation() {
        #expect(SettingKindTests.setting(.integer(1...64), 1).expectation == "a whole number from 1 to 64")
        #expect(SettingKindTests.setting(.choice, Colour.red).expectation == "one of red, green")
        #expect(
            SettingKindTests.setting(.duration(atLeast: .seconds(1)), .seconds(1)).expectation.hasSuffix("at least 1s"))
    }
}
