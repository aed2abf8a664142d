/// The field `tracestate`: what each vendor of tracing adds for itself, newest first (W3C Trace Context, section 3.3).
package enum TraceState {
    /// What every service passes on at least (section 3.3.1.5), and this one at most: it becomes metadata of gRPC calls,
    /// whose servers take 8 KiB of fields and more.
    package static let limit = 512
    /// Longer entries go first.
    private static let longEntry = 128

    /// `text` as it is if it is no longer than `limit`; else without so many of its entries, each of them as a whole: the
    /// long ones first, then others, the last ones first.
    package static func cut(_ text: String) -> String {
        var length = text.utf8.count
        guard length > limit else { return text }
        var entries = text.split(separator: ",", omittingEmptySubsequences: false).map { Optional($0) }
        for isLong in [true, false] {
            for index in entries.indices.reversed() where length > limit {
                guard let size = entries[index]?.utf8.count, size > longEntry || !isLong else { continue }
                entries[index] = nil
                // With its comma.
                length -= size + 1
            }
        }
        return entries.compactMap { $0 }.joined(separator: ",")
    }
}
