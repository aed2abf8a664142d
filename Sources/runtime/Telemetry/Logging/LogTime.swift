import Timing

/// The date and time of log lines, in UTC as the cluster's; the text is made once a second.
package struct LogTime {
    private var second = Int64.min
    /// `2023/11/24 07:30:45`
    package private(set) var plain: [UInt8] = []
    /// `2023/11/24 - 07:30:45`
    package private(set) var dashed: [UInt8] = []
    /// `2023-11-24T07:30:45Z`
    package private(set) var rfc3339 = ""

    package init() {}

    package mutating func update(unixSeconds: Int64) {
        guard unixSeconds != second else { return }
        second = unixSeconds
        let time = CivilTime(clamping: unixSeconds)
        plain = Array("\(time.date(separator: "/")) \(time.clock)".utf8)
        dashed = Array("\(time.date(separator: "/")) - \(time.clock)".utf8)
        rfc3339 = "\(time.date(separator: "-"))T\(time.clock)Z"
    }
}
