import Telemetry
import Testing

@Suite struct LogTimeTests {
    @Test(arguments: [
        (0, "1970/01/01 00:00:00"), (951_782_400, "2000/02/29 00:00:00"), (1_700_811_045, "2023/11/24 07:30:45"),
        (1_709_251_199, "2024/02/29 23:59:59"), (4_107_542_400, "2100/03/01 00:00:00"),
        (-1, "1970/01/01 00:00:00"), (Int64.max, "9999/12/31 23:59:59"),
    ])
    func secondsBecomeDates(seconds: Int64, expected: String) {
        var time = LogTime()
        time.update((seconds, 0))
        #expect(String(decoding: time.plain, as: UTF8.self) == expected)
    }

    @Test func thereIsAFormForEachKindOfLine() {
        var time = LogTime()
        time.update((1_700_811_045, 678_999_999))
        #expect(String(decoding: time.dashed, as: UTF8.self) == "2023/11/24 - 07:30:45")
        #expect(time.rfc3339 == "2023-11-24T07:30:45.678Z")
        time.update((1_700_811_045, 7_000_000))
        #expect(time.rfc3339 == "2023-11-24T07:30:45.007Z")
        time.update((1_700_811_046, 0))
        #expect(time.rfc3339 == "2023-11-24T07:30:46.000Z")
    }

    @Test(arguments: [
        (Duration.nanoseconds(-5), "0ns"), (.nanoseconds(999), "999ns"), (.nanoseconds(1_500), "1.500µs"),
        (.microseconds(2_098), "2.098ms"), (.nanoseconds(999_999_999), "999.999ms"), (.seconds(15), "15.000s"),
        (.seconds(3_725), "3725.000s"),
    ])
    func durationsHaveThreeDecimals(duration: Duration, expected: String) {
        #expect(LogLine.duration(duration) == expected)
    }
}
