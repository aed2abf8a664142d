/// A second by the Gregorian calendar and the clock, in UTC: what log lines and HTTP dates show of a Unix time.
///
/// The reckoning is Howard Hinnant's ("chrono-Compatible Low-Level Date Algorithms"): years are counted from March, so
/// that the leap day is a year's last, and in eras of 400 years, which all have the same number of days.
package struct CivilTime: Hashable, Sendable {
    package let year: Int
    /// From 1.
    package let month: Int
    /// From 1.
    package let day: Int
    package let secondOfDay: Int

    private static let secondsInDay = 86_400
    private static let daysInEra = 146_097
    /// From 1 March of the year 0, when an era begins, to 1970.
    private static let daysTo1970 = 719_468

    /// Every number of seconds has its date, before 1970 as after.
    package init(unixSeconds: Int64) {
        let (days, second) = CivilTime.floorDivide(Int(unixSeconds), by: CivilTime.secondsInDay)
        let (era, dayOfEra) = CivilTime.floorDivide(days + CivilTime.daysTo1970, by: CivilTime.daysInEra)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
        secondOfDay = second
    }

    /// For what shows a year in four digits: a time before 1970 becomes the first second of 1970, one after 9999 the
    /// last of 9999.
    package init(clamping unixSeconds: Int64) {
        self.init(unixSeconds: min(max(unixSeconds, 0), 253_402_300_799))
    }

    /// The first second of a day; nil if there is no such day, or none that 64 bits of seconds reach.
    package init?(year: Int, month: Int, day: Int) {
        guard (-292_277_022_656...292_277_026_595).contains(year), (1...12).contains(month),
            (1...CivilTime.daysInMonth(month, of: year)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        secondOfDay = 0
    }

    private static func daysInMonth(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private var daysSince1970: Int {
        let (era, yearOfEra) = CivilTime.floorDivide(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * CivilTime.daysInEra + dayOfEra - CivilTime.daysTo1970
    }

    /// Seconds since 1970, negative before.
    package var unixSeconds: Int64 {
        // The sum fits, but the product alone lies below 64 bits on their first day.
        Int64(daysSince1970 &* CivilTime.secondsInDay &+ secondOfDay)
    }

    /// 0 is Sunday.
    package var weekday: Int { CivilTime.floorDivide(daysSince1970 + 4, by: 7).remainder }

    /// `07:30:45`
    package var clock: String {
        [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60].map(CivilTime.twoDigits).joined(separator: ":")
    }

    /// `2023-11-24`, if that is the separator.
    package func date(separator: String) -> String {
        [year, month, day].map(CivilTime.twoDigits).joined(separator: separator)
    }

    package static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// The remainder is never negative.
    private static func floorDivide(_ value: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
