import Timing

/// A measured time for people: `0.4 s`.
package enum SecondsText {
    package static func format(_ duration: Duration) -> String {
        let tenths = (max(0, duration.nanoseconds) / 1_000_000 + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
