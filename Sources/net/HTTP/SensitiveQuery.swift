import Bytes

/// Queries as others may see them: signatures and credentials of signed URLs, with which whoever reads them could do what
/// their owner may, are covered.
package enum SensitiveQuery {
    /// OpenTelemetry's list (semantic conventions 1.44, attribute `url.query`), which holds for these letters as they are.
    private static let names: Set<String> = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig",
        "X-Goog-Signature",
    ]
    private static let cover = "REDACTED"

    /// The query as it is but for the values of those names, however these are encoded.
    package static func redacted(_ query: Substring) -> String {
        let pairs = query.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).map(Substring.init)
        guard pairs.contains(where: { sensitiveName(of: $0) != nil }) else { return String(query) }
        return pairs.map { pair in sensitiveName(of: pair).map { "\($0)=\(cover)" } ?? String(pair) }
            .joined(separator: "&")
    }

    /// As it stands there; nil for other pairs, and for one without a value.
    private static func sensitiveName(of pair: Substring) -> Substring? {
        guard let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = pair[..<equals]
        // One that cannot be decoded is none of them.
        guard let decoded = PercentCoding.decode(name, plusIsSpace: true), names.contains(decoded) else { return nil }
        return name
    }
}
