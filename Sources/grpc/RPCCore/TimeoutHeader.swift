import Bytes

/// `grpc-timeout` (PROTOCOL-HTTP2): at most eight digits and a unit, H M S m u n.
package enum TimeoutHeader {
    private static let units: [(letter: UInt8, nanoseconds: Int64)] = [
        (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1_000), (UInt8(ascii: "m"), 1_000_000),
        (UInt8(ascii: "S"), 1_000_000_000), (UInt8(ascii: "M"), 60_000_000_000), (UInt8(ascii: "H"), 3_600_000_000_000),
    ]

    /// nil if malformed. Hours beyond what 64 bits of nanoseconds hold saturate.
    package static func parse(_ text: Span<UInt8>) -> Duration? {
        guard (2...9).contains(text.count), let unit = units.first(where: { $0.letter == text[text.count - 1] }),
            let value = Decimal.number(text.extracting(droppingLast: 1))
        else { return nil }
        let (product, overflow) = Int64(value).multipliedReportingOverflow(by: unit.nanoseconds)
        return .nanoseconds(overflow ? .max : product)
    }

    /// The finest unit that fits eight digits, rounded up, so that the server never gives up before the client does.
    package static func format(nanoseconds: Int64) -> String {
        let positive = max(nanoseconds, 1)
        for unit in units {
            let value = (positive - 1) / unit.nanoseconds + 1
            if value <= 99_999_999 { return "\(value)\(Character(UnicodeScalar(unit.letter)))" }
        }
        return "99999999H"
    }
}
