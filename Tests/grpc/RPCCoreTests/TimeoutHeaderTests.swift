import RPCCore
import Testing
import Timing

@Suite struct TimeoutHeaderTests {
    @Test(
        arguments: [
            ("1n", 1), ("100m", 100_000_000), ("1u", 1_000), ("1S", 1_000_000_000), ("2M", 120_000_000_000),
            ("3H", 10_800_000_000_000), ("0n", 0), ("99999999n", 99_999_999), ("00000001S", 1_000_000_000),
            ("2562047H", 9_223_369_200_000_000_000),
            // More than 64 bits of nanoseconds hold.
            ("2562048H", Int64.max), ("99999999H", Int64.max), ("99999999M", 5_999_999_940_000_000_000),
        ] as [(String, Int64)])
    func parses(text: String, nanoseconds: Int64) {
        #expect(TimeoutHeader.parse(Array(text.utf8).span) == .nanoseconds(nanoseconds))
    }

    @Test(arguments: [
        "", "1", "S", "1s", "1h", "-1S", "+1S", " 1S", "1S ", "1.5S", "1 S", "123456789n", "1SS", "1mS", "0x1S", "१S",
        "１S", "m1",
    ])
    func refuses(text: String) {
        #expect(TimeoutHeader.parse(Array(text.utf8).span) == nil)
    }

    @Test(
        arguments: [
            (1, "1n"), (99_999_999, "99999999n"),
            // Rounded up to the next unit.
            (100_000_000, "100000u"), (100_000_001, "100001u"), (1_000_000_000, "1000000u"),
            (99_999_999_000, "99999999u"), (99_999_999_001, "100000m"), (100_000_000_001, "100001m"),
            (100_000_000_000_000, "100000S"), (99_999_999_000_000_001, "1666667M"), (Int64.max, "2562048H"),
            // A deadline that has passed is still a header that says something.
            (0, "1n"), (-5, "1n"), (Int64.min, "1n"),
        ] as [(Int64, String)])
    func formats(nanoseconds: Int64, text: String) {
        #expect(TimeoutHeader.format(nanoseconds: nanoseconds) == text)
    }

    @Test func whatIsFormattedIsNeverShorterAndBarelyLonger() throws {
        for _ in 0..<10_000 {
            let nanoseconds = max(Int64.random(in: 1...Int64.max) >> Int64.random(in: 0...62), 1)
            let text = TimeoutHeader.format(nanoseconds: nanoseconds)
            #expect(text.utf8.count <= 9)
            let duration = TimeoutHeader.parse(Array(text.utf8).span)
            let parsed = try #require(duration).nanoseconds
            #expect(parsed >= nanoseconds, "\(nanoseconds) became \(text)")
            #expect(Double(parsed) <= Double(nanoseconds) * 1.001, "\(nanoseconds) became \(text)")
        }
    }
}
