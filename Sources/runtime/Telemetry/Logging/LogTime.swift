import Timing

/// The date and time of log lines, in UTC as the cluster's; the text is made once a second.
package struct LogTime {
    private var second = Int64.min
    private var milliseconds = 0
    /// `2023-11-24T07:30:45`
    private var rfc3339Second = ""
    /// `2023/11/24 07:30:45`
    package private(set) var plain: [UInt8] = []
    /// `2023/11/24 - 07:30:45`
    package private(set) var dashed: [UInt8] = []

    package init() {}

    /// As `WallClock` tells it.
    package mutating func update(_ time: (seconds: Int64, nanoseconds: Int64)) {
        milliseconds = Int(time.nanoseconds / 1_000_000)
        guard time.seconds != second else { return }
        second = time.seconds
        let civil = CivilTime(clamping: second)
        plain = Array("\(civil.date(separator: "/")) \(civil.clock)".utf8)
        dashed = Array("\(civil.date(separator: "/")) - \(civil.clock)".utf8)
        rfc3339Second = "\(civil.date(separator: "-"))T\(civil.clock)"
    }

    /// `2023-11-24T07:30:45.678Z`
    package var rfc3339: String { rfc3339Second + RFC3339.end(milliseconds: milliseconds) }
}
