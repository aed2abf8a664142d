import Lab
import Testing

/// Figures and predictions in words.
@Suite struct FigureTextTests {
    @Test(arguments: [
        (0.0, Figure.Unit.count, "0"), (9999, .count, "9999"), (12_345, .count, "12 345"),
        (1_234_567, .count, "1 234 567"),
        (10_005, .count, "10 005"), (2.5, .count, "2.5"), (20, .percent, "20 %"), (19.96, .percent, "20.0 %"),
        (9.805, .seconds, "9.81 s"), (0.034, .seconds, "0.03 s"), (14.25, .seconds, "14.3 s"),
        (120.4, .seconds, "120 s"),
        (0.9999, .ratio, "1.000"), (-3.2, .milliseconds, "−3.20 ms"), (305.4, .microseconds, "305 µs"),
        (Double.infinity, .seconds, "∞ s"), (.nan, .count, "–"), (1e300, .count, "1e+300"),
        (-0.001, .seconds, "0.00 s"),
    ])
    func `a figure has its unit, and the digits that mean something`(value: Double, unit: Figure.Unit, text: String) {
        #expect(FigureText.value(value, unit) == text)
    }

    @Test func `what was not measured is not a zero`() {
        #expect(FigureText.value(SampleReport.figure("a", "b", "c", nil, .count, 0...0)) == "not measured")
    }

    @Test(
        arguments: [
            (nil, 0.0...14.2, "at most 14.2 s"), (nil, 3...14, "3.00 to 14.0 s"),
            (nil, 3...(.infinity), "at least 3.00 s"),
            (nil, 0...(.infinity), "no bound"), (nil, 0...0, "0.00 s"), (nil, 3...3, "3.00 s"),
            (5, 4...6, "5.00 s (4.00 to 6.00 s)"),
            (0, 0...0, "0.00 s"), (5, 0...(.infinity), "5.00 s"), (nil, (-.infinity)...(.infinity), "no bound"),
        ] as [(Double?, ClosedRange<Double>, String)])
    func `a prediction tells its bounds`(expected: Double?, bounds: ClosedRange<Double>, text: String) {
        #expect(FigureText.prediction(Prediction(expected: expected, within: bounds, because: ""), .seconds) == text)
    }

    @Test(
        arguments: [
            (9, nil, 0.0...14, "within, 5.00 s to spare"), (5, nil, 3...14, "within, 2.00 s to spare"),
            (5, nil, 3...(.infinity), "within, 2.00 s to spare"), (3, nil, 3...3, "exact"),
            (15.5, nil, 0...14, "1.50 s over"), (2, nil, 3...14, "1.00 s under"),
            (22, 20, 18...21, "+2.00 s"), (18, 20, 18...21, "−2.00 s"), (20, 20, 18...21, "exact"),
            (nil, 20, 18...21, "–"),
            (4, nil, 0...(.infinity), "–"),
        ] as [(Double?, Double?, ClosedRange<Double>, String)])
    func `how far off a figure is`(value: Double?, expected: Double?, bounds: ClosedRange<Double>, text: String) {
        #expect(
            FigureText.distance(SampleReport.figure("a", "b", "c", value, .seconds, bounds, expected: expected)) == text
        )
    }

    @Test(arguments: [(45.4, "45 s"), (1099.6, "18 min 20 s"), (60, "1 min 0 s"), (.nan, "0 s"), (-1, "0 s")])
    func `a run's time`(seconds: Double, text: String) {
        #expect(FigureText.minutes(seconds) == text)
    }
}
