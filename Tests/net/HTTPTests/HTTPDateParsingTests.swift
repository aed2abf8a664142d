import HTTP
import Testing

@Suite struct HTTPDateParsingTests {
    private let now: Int64 = 1_700_811_045  // Fri, 24 Nov 2023 07:30:45 GMT

    /// The examples of RFC 9110 section 5.6.7.
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func threeForms(text: String) {
        #expect(HTTPDate.parse(text, now: now) == 784_111_777)
    }

    @Test(arguments: [
        Int64(0), 951_782_399, 951_782_400, 951_868_800, 1_700_811_045, 4_107_542_400, 253_402_300_799, 68_169_600,
        1_709_164_800, 1_735_689_599,
    ])
    func readsWhatItWrites(seconds: Int64) {
        #expect(HTTPDate.parse(HTTPDate.format(unixSeconds: seconds), now: now) == seconds)
    }

    /// Checked with GNU date -u +%s.
    @Test(arguments: [
        ("Mon, 01 Jan 1900 00:00:00 GMT", Int64(-2_208_988_800)), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200), ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        ("Thu Nov 16 08:49:37 1995", 816_511_777), ("Tue, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ])
    func edges(text: String, seconds: Int64) {
        #expect(HTTPDate.parse(text, now: now) == seconds)
    }

    /// 50 years ahead is the border: 24 Nov 2073 07:30:45.
    @Test(arguments: [
        ("Friday, 24-Nov-73 07:30:45 GMT", Int64(3_278_734_245)), ("Saturday, 24-Nov-73 07:30:46 GMT", 122_974_246),
        ("Tuesday, 01-Jan-74 00:00:00 GMT", 126_230_400), ("Friday, 24-Nov-23 07:30:45 GMT", 1_700_811_045),
        ("Sunday, 01-Jan-00 00:00:00 GMT", 946_684_800),
    ])
    func aYearOfTwoDigitsIsNeverFarAhead(text: String, seconds: Int64) {
        #expect(HTTPDate.parse(text, now: now) == seconds)
    }

    @Test(arguments: [
        "", "Sun", "Sun,", "yesterday", "784111777", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000", "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 30 Feb 2000 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49 1994",
        "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 -8:49:37 GMT",
    ])
    func everythingElseIsNoDate(text: String) {
        #expect(HTTPDate.parse(text, now: now) == nil)
    }

    @Test func noTimeOfDayTraps() {
        for now in [Int64.min, -1, 0, .max] {
            #expect(HTTPDate.parse("Sunday, 06-Nov-94 08:49:37 GMT", now: now) != nil)
        }
    }
}
