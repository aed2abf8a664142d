/// Where chance puts what is counted.
package enum Chance {
    /// Two-sided, one in 16 000 is outside of so many standard deviations of a normal distribution: a run of the lab has
    /// some ten figures by chance, so that one run in a thousand misses one.
    package static let deviations = 4.0

    /// For the percentage that one of `n` gets of `calls`, each going to any of them: np ± 4 √(np(1 − p)).
    package static func share(ofOneIn n: Int, calls: Int) -> ClosedRange<Double> {
        guard n > 0, calls > 0 else { return 0...100 }
        let part = 1 / Double(n)
        let deviation = 100 * (part * (1 - part) / Double(calls)).squareRoot() * deviations
        return max(0, 100 * part - deviation)...min(100, 100 * part + deviation)
    }

    /// The least that Jain's index may be then. 1 ÷ J − 1 is Pearson's χ² of the counts divided by the number of calls;
    /// with 4 degrees of freedom (five pods) χ² exceeds 24 less than once in 10 000 times (by Wilson and Hilferty).
    package static func leastFairness(of n: Int, calls: Int) -> Double {
        guard n > 1, calls > 0 else { return 0 }
        let freedom = Double(n - 1)
        // 3.719: the normal quantile of 1 − 1/10 000.
        let root = 1 - 2 / (9 * freedom) + 3.719 * (2 / (9 * freedom)).squareRoot()
        return 1 / (1 + freedom * root * root * root / Double(calls))
    }
}
