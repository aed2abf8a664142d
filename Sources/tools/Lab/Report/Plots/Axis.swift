/// Values on a line of the picture, with ticks that one reads easily.
package struct Axis {
    /// Where the line begins and ends, in pixels: `end` may be the smaller.
    package let start: Double
    package let end: Double
    package let range: ClosedRange<Double>
    package let isLogarithmic: Bool
    package let ticks: [Double]

    /// From 0 on, with five to ten steps of 1, 2 or 5 times a power of ten.
    package static func linear(to top: Double, from start: Double, _ end: Double) -> Axis {
        let top = top.isFinite && top > 0 ? top : 1
        let step = Decade.all.lazy.flatMap { power in [1.0, 2, 5].map { $0 * power } }.first { top / $0 <= 10 } ?? top
        let count = Int((top / step).rounded(.down))
        return Axis(
            start: start, end: end, range: 0...top, isLogarithmic: false, ticks: (0...count).map { Double($0) * step })
    }

    /// Whole decades around what there is; all of it has to be more than 0.
    package static func decades(around values: [Double], from start: Double, _ end: Double) -> Axis {
        let lowest = values.min() ?? 1
        let highest = values.max() ?? 1
        let first = Decade.all.lastIndex { $0 <= lowest } ?? 0
        let last = max(Decade.all.firstIndex { $0 >= highest } ?? Decade.all.count - 1, first + 1)
        let ticks = Array(Decade.all[first...min(last, Decade.all.count - 1)])
        return Axis(
            start: start, end: end, range: ticks[0]...ticks[ticks.count - 1], isLogarithmic: true, ticks: ticks)
    }

    /// What lies beyond the axis stands at its end.
    func place(_ value: Double) -> Double {
        let value = min(max(value, range.lowerBound), range.upperBound)
        let part =
            isLogarithmic
            ? (Decade.log10(value) - Decade.log10(range.lowerBound))
                / (Decade.log10(range.upperBound) - Decade.log10(range.lowerBound))
            : (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return start + (end - start) * part
    }

    /// `0.01`, `1000`: without a unit, which stands at the axis' end.
    package static func label(_ value: Double) -> String {
        if value == value.rounded() { return FigureText.decimal(value, 0) }
        let decimals = value >= 0.1 ? 1 : value >= 0.01 ? 2 : 3
        return FigureText.decimal(value, decimals)
    }
}

/// Powers of ten, and logarithms without a library of mathematics.
package enum Decade {
    /// 0.001 to 10 000 000: microseconds to hours, in milliseconds.
    package static let all = [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

    /// To a ten-thousandth, for values of 1e-9 to 1e9; others count as those. A pixel is a hundredth.
    package static func log10(_ value: Double) -> Double {
        var value = min(max(value, 1e-9), 1e9)
        var result = 0.0
        while value >= 10 {
            value /= 10
            result += 1
        }
        while value < 1 {
            value *= 10
            result -= 1
        }
        // Each squaring gives one more binary digit.
        var digit = 0.5
        while digit > 1e-5 {
            value *= value
            if value >= 10 {
                value /= 10
                result += digit
            }
            digit /= 2
        }
        return result
    }
}
