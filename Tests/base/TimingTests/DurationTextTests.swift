import Testing
import Timing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("10s", Duration.seconds(10)), ("250ms", .milliseconds(250)), ("5m", .seconds(300)), ("2h", .seconds(7200)),
        ("1.5s", .milliseconds(1500)), ("0s", .zero), ("7us", .microseconds(7)), ("3ns", .nanoseconds(3)),
        ("0.5ms", .microseconds(500)), ("1.000000001s", .nanoseconds(1_000_000_001)),
        ("9223372036854775807ns", .nanoseconds(Int64.max)),
    ])
    func parses(text: String, expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(arguments: [
        "", "10", "s", "ms", "-1s", "+1s", "1 s", " 1s", "1s ", "1.s", ".5s", "1.2.3s", "1e3s", "1d", "1S",
        "1.0000000001s", "9223372036854775808ns", "9223372037s", "2562048h", "1m30s", "٣s",
    ])
    func refuses(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: ["0s", "90s", "250ms", "1500ms", "5m", "2h", "7us", "1ns", "1000001us"])
    func shortestExactFormIsWrittenAsItWasRead(text: String) {
        #expect(DurationText.parse(text).map(DurationText.format) == text)
    }

    @Test func largerUnitsArePreferred() {
        #expect(DurationText.format(.seconds(3600)) == "1h")
        #expect(DurationText.format(.milliseconds(2000)) == "2s")
        #expect(DurationText.format(.seconds(-60)) == "-1m")
    }
}
