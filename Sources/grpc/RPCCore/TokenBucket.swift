package import Timing

/// Allows a burst, and then a steady rate: a pure machine for limits on what a peer may do.
package struct TokenBucket: Hashable, Sendable {
    private let burst: Double
    private let perSecond: Double
    private var tokens: Double
    private var filled: Instant

    package init(burst: UInt64, perSecond: UInt64, at now: Instant) {
        self.burst = Double(burst)
        self.perSecond = Double(perSecond)
        tokens = self.burst
        filled = now
    }

    /// Answers whether there was a token to take.
    package mutating func take(at now: Instant) -> Bool {
        tokens = min(burst, tokens + (now - filled) / .seconds(1) * perSecond)
        filled = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
