import Testing
import Timing

@Suite struct CivilTimeTests {
    /// Checked with GNU date -u +%s; the weekdays with its %w.
    private static let known: [(seconds: Int64, date: String, clock: String, weekday: Int)] = [
        (0, "1970-01-01", "00:00:00", 4), (-1, "1969-12-31", "23:59:59", 3), (784_111_777, "1994-11-06", "08:49:37", 0),
        (951_782_399, "2000-02-28", "23:59:59", 1), (951_782_400, "2000-02-29", "00:00:00", 2),
        (951_868_800, "2000-03-01", "00:00:00", 3), (1_700_811_045, "2023-11-24", "07:30:45", 5),
        (1_709_251_199, "2024-02-29", "23:59:59", 4), (4_107_542_399, "2100-02-28", "23:59:59", 0),
        (4_107_542_400, "2100-03-01", "00:00:00", 1), (-2_203_891_200, "1900-03-01", "00:00:00", 4),
        (-2_208_988_800, "1900-01-01", "00:00:00", 1), (-62_167_219_200, "00-01-01", "00:00:00", 6),
        (253_402_300_799, "9999-12-31", "23:59:59", 5), (253_402_300_800, "10000-01-01", "00:00:00", 6),
        (.max, "292277026596-12-04", "15:30:07", 0),
    ]

    @Test(arguments: known.indices) func aDateIsTheCalendars(index: Int) {
        let (seconds, date, clock, weekday) = CivilTimeTests.known[index]
        let time = CivilTime(unixSeconds: seconds)
        #expect(time.date(separator: "-") == date)
        #expect(time.clock == clock)
        #expect(time.weekday == weekday)
        #expect(time.unixSeconds == seconds)
    }

    /// 800 years, day by day: each follows the one before as the calendar says.
    @Test func everyDayHasItsSuccessor() throws {
        let first = try #require(CivilTime(year: 1599, month: 12, day: 31))
        var (year, month, day) = (first.year, first.month, first.day)
        for number in 1...292_200 {
            let next = CivilTime(unixSeconds: first.unixSeconds + Int64(number) * 86_400)
            let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            if day < lengths[month - 1] {
                day += 1
            } else {
                (year, month, day) = month < 12 ? (year, month + 1, 1) : (year + 1, 1, 1)
            }
            guard next.year == year, next.month == month, next.day == day,
                CivilTime(year: year, month: month, day: day) == next
            else {
                Issue.record("\(year)-\(month)-\(day) is taken for \(next)")
                return
            }
        }
    }

    /// Over all that 64 bits hold, and nearer to today.
    @Test func bothWaysLeadBack() {
        var generator = SystemRandomNumberGenerator()
        for bits in 1...63 {
            for _ in 0..<200 {
                let seconds = Int64(truncatingIfNeeded: generator.next()) >> Int64(63 - bits)
                let time = CivilTime(unixSeconds: seconds)
                #expect(time.unixSeconds == seconds)
                #expect((0..<86_400).contains(time.secondOfDay) && (0..<7).contains(time.weekday))
                let midnight = CivilTime(year: time.year, month: time.month, day: time.day)
                #expect(midnight.map { $0.unixSeconds + Int64(time.secondOfDay) } ?? seconds == seconds)
            }
        }
        for seconds in [Int64.min, .min + 1, .min + 86_400, .max - 86_400, .max] {
            #expect(CivilTime(unixSeconds: seconds).unixSeconds == seconds)
        }
    }

    @Test(arguments: [
        (2023, 2, 29), (1900, 2, 29), (2000, 2, 30), (2023, 4, 31), (2023, 0, 1), (2023, 13, 1), (2023, 1, 0),
        (2023, 12, 32), (.max, 1, 1), (.min, 1, 1), (292_277_026_597, 1, 1),
    ])
    func whatTheCalendarDoesNotHaveIsNoDay(year: Int, month: Int, day: Int) {
        #expect(CivilTime(year: year, month: month, day: day) == nil)
    }

    @Test func aYearOfFourDigitsIsTheNearest() {
        #expect(CivilTime(clamping: .min) == CivilTime(unixSeconds: 0))
        #expect(CivilTime(clamping: .max).date(separator: "") == "99991231")
        #expect(CivilTime(clamping: 1_700_811_045) == CivilTime(unixSeconds: 1_700_811_045))
    }
}
