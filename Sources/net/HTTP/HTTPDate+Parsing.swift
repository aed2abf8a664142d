import Timing

extension HTTPDate {
    /// Seconds since 1970, negative before; nil for what is no date.
    ///
    /// Read are the three forms that a recipient must accept (RFC 9110 section 5.6.7), in exactly their spelling:
    ///
    ///     Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate
    ///     Sunday, 06-Nov-94 08:49:37 GMT    RFC 850, obsolete
    ///     Sun Nov  6 08:49:37 1994          asctime, obsolete
    ///
    /// The day of the week must be one, but need not be the right one. `now`, in seconds since 1970, decides which
    /// century a year of two digits belongs to.
    package static func parse(_ text: String, now: Int64) -> Int64? {
        var cursor = FieldCursor(text)
        let name = String(decoding: cursor.take(while: isLetter), as: UTF8.self)
        let time: Int64?
        if weekdays.contains(name) {
            time = cursor.take(", ") ? fixed(&cursor) : asctime(&cursor)
        } else if longWeekdays.contains(name), cursor.take(", ") {
            time = rfc850(&cursor, now: now)
        } else {
            return nil
        }
        return cursor.isAtEnd ? time : nil
    }

    private static let longWeekdays = [
        "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    /// `06 Nov 1994 08:49:37 GMT`
    private static func fixed(_ cursor: inout FieldCursor) -> Int64? {
        guard let day = cursor.takeDigits(2), cursor.take(" "), let month = month(&cursor), cursor.take(" "),
            let year = cursor.takeDigits(4), cursor.take(" "), let second = timeOfDay(&cursor), cursor.take(" GMT")
        else { return nil }
        return seconds(year: year, month: month, day: day, second: second)
    }

    /// `06-Nov-94 08:49:37 GMT`
    private static func rfc850(_ cursor: inout FieldCursor, now: Int64) -> Int64? {
        guard let day = cursor.takeDigits(2), cursor.take("-"), let month = month(&cursor), cursor.take("-"),
            let short = cursor.takeDigits(2), cursor.take(" "), let second = timeOfDay(&cursor), cursor.take(" GMT")
        else { return nil }
        // What seems to lie more than 50 years ahead is the latest such year in the past.
        let now = CivilTime(clamping: now)
        let last = now.year + 50
        var year = last - (last - short) % 100
        if (year - 50, month, day, second) > (now.year, now.month, now.day, now.secondOfDay) { year -= 100 }
        return seconds(year: year, month: month, day: day, second: second)
    }

    /// ` Nov  6 08:49:37 1994`
    private static func asctime(_ cursor: inout FieldCursor) -> Int64? {
        guard cursor.take(" "), let month = month(&cursor), cursor.take(" "),
            let day = cursor.take(" ") ? cursor.takeDigits(1) : cursor.takeDigits(2), cursor.take(" "),
            let second = timeOfDay(&cursor), cursor.take(" "), let year = cursor.takeDigits(4)
        else { return nil }
        return seconds(year: year, month: month, day: day, second: second)
    }

    /// 1–12
    private static func month(_ cursor: inout FieldCursor) -> Int? {
        months.firstIndex { cursor.take($0) }.map { $0 + 1 }
    }

    /// The second of the day. The 60th second of a minute is a leap second, which this clock does not have: it counts
    /// as the first of the next minute.
    private static func timeOfDay(_ cursor: inout FieldCursor) -> Int? {
        guard let hour = cursor.takeDigits(2), cursor.take(":"), let minute = cursor.takeDigits(2), cursor.take(":"),
            let second = cursor.takeDigits(2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    private static func seconds(year: Int, month: Int, day: Int, second: Int) -> Int64? {
        CivilTime(year: year, month: month, day: day).map { $0.unixSeconds + Int64(second) }
    }
}
