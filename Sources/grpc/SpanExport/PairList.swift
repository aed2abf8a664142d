import Bytes

/// The form that OpenTelemetry gives variables with several values: `key=value,key=value`, values percent-encoded (W3C
/// Baggage, without properties).
package enum PairList {
    package static let expectation = "key=value pairs with commas between them, values percent-encoded where need be"

    /// In order, of equal keys the last one; nil if it is no such list.
    package static func parse(_ text: String) -> [(key: String, value: String)]? {
        var pairs: [(key: String, value: String)] = []
        for part in text.split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else {
                if part.allSatisfy({ $0 == " " }) { continue }
                return nil
            }
            let key = trimmed(part[..<equals])
            let encoded = trimmed(part[part.index(after: equals)...])
            guard !key.isEmpty, let value = PercentCoding.decode(encoded[...]) else { return nil }
            pairs.removeAll { $0.key == key }
            pairs.append((key, value))
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        let trailing = start.reversed().prefix { $0 == " " }.count
        return String(start.dropLast(trailing))
    }
}
