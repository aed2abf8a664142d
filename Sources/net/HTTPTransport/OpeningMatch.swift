/// Whether what arrives on a new connection is a certain beginning. Pure.
package struct OpeningMatch: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Not decided yet.
        case more
        case other
        /// It is; `before` is what had come earlier.
        case complete(before: ArraySlice<UInt8>)
    }

    private let opening: [UInt8]
    private var matched = 0

    package init(_ opening: [UInt8]) {
        self.opening = opening
    }

    /// Until it is decided. More than the opening may come with it.
    package mutating func receive(_ bytes: Span<UInt8>) -> Verdict {
        let count = min(bytes.count, opening.count - matched)
        for index in 0..<count where bytes[index] != opening[matched + index] { return .other }
        guard matched + count == opening.count else {
            matched += count
            return .more
        }
        return .complete(before: opening[..<matched])
    }
}
