import Testing
import Timing

@Suite struct RFC3339Tests {
    @Test(arguments: [
        (1_700_811_045_678_901_234, "2023-11-24T07:30:45.678Z"), (0, "1970-01-01T00:00:00.000Z"),
        (1_700_811_045_007_000_000, "2023-11-24T07:30:45.007Z"), (-1, "1970-01-01T00:00:00.000Z"),
    ])
    func timesHaveMilliseconds(nanoseconds: Int64, text: String) {
        #expect(RFC3339.format(unixNanoseconds: nanoseconds) == text)
    }

    @Test(arguments: [
        ("2023-11-24T07:30:45Z", 0), ("2023-11-24T07:30:45.678Z", 678_000_000),
        ("2023-11-24T07:30:45.678901234567Z", 678_901_234), ("2023-11-24T08:30:45+01:00", 0),
        ("2023-11-24 07:30:45.5Z", 500_000_000), ("2023-11-24T01:00:45.25-0630", 250_000_000),
        ("2023-11-24t07:30:45z", 0),
    ])
    func everyFormIsRead(text: String, nanoseconds: Int64) {
        #expect(RFC3339.parse(text) == 1_700_811_045_000_000_000 + nanoseconds)
    }

    @Test(arguments: [
        "", "2023-11-24", "2023-11-24T07:30:45", "2023-11-24T24:00:00Z", "2023-02-29T00:00:00Z",
        "2023-11-24T07:30:45ZZ",
        "2023-11-24T07:30:45.Z", "23-11-24T07:30:45Z", "2023-11-24T07:30:45+1:00", "9999-12-31T23:59:59Z", "5m",
    ])
    func whatIsNoTimeIsNone(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }
}
