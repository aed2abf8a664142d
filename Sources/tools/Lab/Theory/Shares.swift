/// How evenly calls were spread: counts by pod, also those of pods that had none.
package struct Shares: Equatable, Sendable {
    package let counts: [Int]

    package init(_ counts: [Int]) { self.counts = counts }

    package var total: Int { counts.reduce(0, +) }

    /// nil without calls.
    package var busiest: Double? { percent(counts.max()) }
    package var idlest: Double? { percent(counts.min()) }

    package func percent(_ count: Int?) -> Double? {
        guard total > 0, let count else { return nil }
        return 100 * Double(count) / Double(total)
    }

    /// Jain's index, (Σx)² ÷ (n Σx²): 1 if all served as many, 1/n if one of n served all. nil without calls.
    package var fairness: Double? {
        let squares = counts.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard squares > 0 else { return nil }
        return Double(total) * Double(total) / (Double(counts.count) * squares)
    }
}
