/// Figures and predictions in words, with their units: `9.81 s`, `at most 14.2 s`.
package enum FigureText {
    /// `–` where there is nothing.
    static let nothing = "–"

    package static func value(_ value: Double?, _ unit: Figure.Unit) -> String {
        guard let value, !value.isNaN else { return nothing }
        return number(value, unit) + suffix(unit)
    }

    /// The figure's own value; in words that nobody takes for a zero if there is none.
    package static func value(_ figure: Figure) -> String {
        figure.value == nil ? "not measured" : value(figure.value, figure.unit)
    }

    /// Where theory puts it: `0`, `20 % (18 to 22 %)`, `at most 14.2 s`, `no bound`.
    package static func prediction(_ prediction: Prediction, _ unit: Figure.Unit) -> String {
        let bounds = bounds(prediction.bounds, unit)
        guard let expected = prediction.expected else { return bounds }
        let text = value(expected, unit)
        return text == bounds || prediction.bounds.upperBound == .infinity && prediction.bounds.lowerBound <= 0
            ? text : "\(text) (\(bounds))"
    }

    private static func bounds(_ bounds: ClosedRange<Double>, _ unit: Figure.Unit) -> String {
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        switch (low > 0, high.isFinite) {
        case (true, true) where low == high: return value(low, unit)
        case (true, true): return "\(number(low, unit)) to \(value(high, unit))"
        case (true, false): return "at least \(value(low, unit))"
        // Nothing that is measured here can be less than nothing.
        case (false, true): return high == 0 ? value(0, unit) : "at most \(value(high, unit))"
        case (false, false): return "no bound"
        }
    }

    /// How far it is from what theory says: `+0.4 %`; where theory names bounds only, how much further it might be:
    /// `within, 12.9 s to spare`, or by how much it passed one: `1.1 s over`.
    package static func distance(_ figure: Figure) -> String {
        guard let offBy = figure.offBy else { return nothing }
        if figure.prediction.expected != nil {
            if offBy == 0 { return "exact" }
            return (offBy > 0 ? "+" : "−") + value(abs(offBy), figure.unit)
        }
        if offBy == 0 { return margin(figure) }
        return "\(value(abs(offBy), figure.unit)) \(offBy > 0 ? "over" : "under")"
    }

    /// To the nearer bound. What is measured here cannot be less than nothing, so that a bound of 0 is none.
    private static func margin(_ figure: Figure) -> String {
        guard let value = figure.value else { return nothing }
        let (low, high) = (figure.prediction.bounds.lowerBound, figure.prediction.bounds.upperBound)
        if low == high { return "exact" }
        let margins = [high.isFinite ? high - value : nil, low > 0 ? value - low : nil].compactMap { $0 }
        guard let least = margins.min() else { return nothing }
        return "within, \(FigureText.value(least, figure.unit)) to spare"
    }

    // MARK: Numbers

    /// Three digits that mean something, as many decimals as that takes; counts whole, if they are.
    static func number(_ value: Double, _ unit: Figure.Unit) -> String {
        switch unit {
        case .count: value == value.rounded() ? decimal(value, 0) : decimal(value, 1)
        case .percent: decimal(value, value == value.rounded() ? 0 : 1)
        case .ratio: decimal(value, 3)
        case .seconds, .milliseconds, .microseconds: decimal(value, abs(value) < 10 ? 2 : abs(value) < 100 ? 1 : 0)
        }
    }

    /// With so many decimals, and a blank between thousands from 10 000 on.
    package static func decimal(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return value == .infinity ? "∞" : value.description }
        let scale = [1.0, 10, 100, 1000][max(0, min(decimals, 3))]
        let scaled = Int64((abs(value) * scale).rounded())
        let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
        var digits = String(whole)
        if whole >= 10_000 {
            var groups: [Substring] = []
            var rest = Substring(digits)
            while !rest.isEmpty {
                groups.insert(rest.suffix(3), at: 0)
                rest = rest.dropLast(3)
            }
            digits = groups.joined(separator: " ")
        }
        let sign = value < 0 && scaled > 0 ? "−" : ""
        guard scale > 1 else { return sign + digits }
        let padding = String(scale).count - 3 - String(part).count
        return sign + digits + "." + String(repeating: "0", count: max(0, padding)) + String(part)
    }

    /// `18 min 20 s`, `45 s`.
    package static func minutes(_ seconds: Double) -> String {
        let seconds = seconds.isFinite ? Int(min(max(seconds, 0), 1e9).rounded()) : 0
        return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }

    private static func suffix(_ unit: Figure.Unit) -> String {
        switch unit {
        case .count, .ratio: ""
        case .percent: " %"
        case .seconds: " s"
        case .milliseconds: " ms"
        case .microseconds: " µs"
        }
    }
}

extension Prediction {
    /// Says nothing.
    package static let anything = 0...Double.infinity
}

extension Figure {
    /// From the value that theory names; where it names none, from the bound that was passed, and 0 within. nil: not
    /// measured.
    package var offBy: Double? {
        guard let value, !value.isNaN else { return nil }
        if let expected = prediction.expected { return value - expected }
        if value > prediction.bounds.upperBound { return value - prediction.bounds.upperBound }
        return value < prediction.bounds.lowerBound ? value - prediction.bounds.lowerBound : 0
    }
}
