import Timing

/// The date format of HTTP (IMF-fixdate, RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Formats seconds since 1970; what lies outside the years 1970–9999 is moved to the nearer end.
    package static func format(unixSeconds: Int64) -> String {
        let time = CivilTime(clamping: unixSeconds)
        let date = "\(CivilTime.twoDigits(time.day)) \(months[time.month - 1]) \(time.year)"
        return "\(weekdays[time.weekday]), \(date) \(time.clock) GMT"
    }
}
