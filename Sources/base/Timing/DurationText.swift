import Bytes

/// Durations as people write them in configuration: `10s`, `250ms`, `5m`, `2h`, `1.5s`.
package enum DurationText {
    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        // "ms" before "s" and "m": the first suffix that fits wins.
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ]

    /// What a message about a bad duration says it expected.
    package static let expectation = "a duration such as 250ms, 10s, 5m or 2h"

    /// The duration that `text` names, or nil: no unit, no digits, a sign, more than nine decimals, or over 292 years.
    package static func parse(_ text: String) -> Duration? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let number = text.utf8.dropLast(unit.suffix.utf8.count)
        let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first.flatMap({ Decimal.number($0.span) }) else { return nil }
        let (scaled, overflow) = Int64(whole).multipliedReportingOverflow(by: unit.nanoseconds)
        if overflow { return nil }
        guard parts.count == 2 else { return .nanoseconds(scaled) }
        guard parts[1].count <= 9, let decimals = Decimal.number(parts[1].span) else { return nil }
        let scale = parts[1].reduce(Int64(1)) { power, _ in power * 10 }
        // decimals < 10^9 and a unit is below 2^42 ns, so the product needs more than 64 bits: widen.
        let fraction = Int64(Int128(decimals) * Int128(unit.nanoseconds) / Int128(scale))
        let (sum, carried) = scaled.addingReportingOverflow(fraction)
        return carried ? nil : .nanoseconds(sum)
    }

    /// The shortest exact form in one unit: `90s`, not `1m30s`.
    package static func format(_ duration: Duration) -> String {
        let nanoseconds = duration.nanoseconds
        guard nanoseconds != 0 else { return "0s" }
        let readable = units.dropFirst(nanoseconds % 1_000 == 0 ? 1 : 0).last {
            nanoseconds % $0.nanoseconds == 0 && abs(nanoseconds) >= $0.nanoseconds
        }
        guard let unit = readable else { return "\(nanoseconds)ns" }
        return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }
}
