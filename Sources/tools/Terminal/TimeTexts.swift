import Timing

/// Ages as kubectl prints them: `45s`, `3m12s`, `18m`, `5h7m`, `2d3h`.
package enum AgeText {
    package static func format(seconds: Int) -> String {
        let seconds = max(0, seconds)
        let minutes = seconds / 60
        let hours = minutes / 60
        let days = hours / 24
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<600: join(minutes, "m", seconds % 60, "s")
        case ..<10_800: "\(minutes)m"
        case ..<28_800: join(hours, "h", minutes % 60, "m")
        case ..<172_800: "\(hours)h"
        case ..<691_200: join(days, "d", hours % 24, "h")
        default: "\(days)d"
        }
    }

    private static func join(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}

/// A measured time for people: `0.4 s`.
package enum SecondsText {
    package static func format(_ duration: Duration) -> String {
        let tenths = (max(0, duration.nanoseconds) / 1_000_000 + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
