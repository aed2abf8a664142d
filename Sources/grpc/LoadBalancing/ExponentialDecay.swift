/// e to the power of -x. The standard library has no exponential function, and this room rests on no other.
package enum ExponentialDecay {
    private static let log2e = 1.442_695_040_888_963_4
    private static let ln2 = 0.693_147_180_559_945_3

    /// For x of 0 and more; 1 for less, should a clock go backwards. Exact to nine digits.
    package static func factor(_ x: Double) -> Double {
        guard x > 0 else { return 1 }
        // Less than a double holds.
        guard x < 700 else { return 0 }
        // e^-x = 2^-k · e^-r, where r is at most half of ln 2.
        let k = Int64(x * log2e + 0.5)
        let r = Double(k) * ln2 - x
        // Taylor's series: the first term left out is r^9 / 9!, 2e-10 at most.
        var sum = 1 + r / 8
        sum = 1 + r * sum / 7
        sum = 1 + r * sum / 6
        sum = 1 + r * sum / 5
        sum = 1 + r * sum / 4
        sum = 1 + r * sum / 3
        sum = 1 + r * sum / 2
        sum = 1 + r * sum
        // 2^-k; k is 1010 at most.
        return sum * Double(bitPattern: UInt64(truncatingIfNeeded: 1023 - k) << 52)
    }
}
