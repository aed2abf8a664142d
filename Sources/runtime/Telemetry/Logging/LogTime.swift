/// The date and time of log lines, in UTC as the cluster's; the text is made once a second.
package struct LogTime {
    private var second = Int64.min
    /// `2023/11/24 07:30:45`
    package private(set) var plain: [UInt8] = []
    /// `2023/11/24 - 07:30:45`
    package private(set) var dashed: [UInt8] = []
    /// `2023-11-24T07:30:45Z` (RFC 3339)
    package private(set) var internet = ""

    package init() {}

    package mutating func update(unixSeconds: Int64) {
        guard unixSeconds != second else { return }
        second = unixSeconds
        let parts = LogTime.parts(unixSeconds)
        let date = [parts.year, parts.month, parts.day].map(LogTime.twoDigits)
        let clock = [parts.hour, parts.minute, parts.second].map(LogTime.twoDigits).joined(separator: ":")
        plain = Array("\(date.joined(separator: "/")) \(clock)".utf8)
        dashed = Array("\(date.joined(separator: "/")) - \(clock)".utf8)
        internet = "\(date.joined(separator: "-"))T\(clock)Z"
    }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private typealias Parts = (year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64)

    /// The Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"): years are counted from
    /// March, so that the leap day is a year's last. For times from 1970 to the year 9999.
    private static func parts(_ unixSeconds: Int64) -> Parts {
        let time = min(max(unixSeconds, 0), 253_402_300_799)
        let (days, second) = time.quotientAndRemainder(dividingBy: 86_400)
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * fromMarch + 2) / 5 + 1, second / 3_600, second / 60 % 60, second % 60)
    }
}
