import Telemetry
import Testing

@Suite struct HistogramBoundsTests {
    private func buckets(_ bounds: HistogramBounds, _ value: Int64) -> [String] {
        let metrics = MetricRegistry()
        metrics.histogram(MetricFamily("x", .histogram(bounds), help: "")).observe(value)
        return String(decoding: metrics.text, as: UTF8.self).split(separator: "\n")
            .filter { $0.contains("_bucket") && $0.hasSuffix(" 1") }.map(String.init)
    }

    /// Each value below, at and above each bound falls into the first bucket whose bound is not below it.
    @Test(arguments: [0, 1, 2, 14, 41, 63]) func everyBoundIsInclusive(count: Int) {
        let limits = (0..<count).map { Int64($0) * 10 }
        let bounds = HistogramBounds(bytes: limits)
        for (index, limit) in limits.enumerated() {
            #expect(buckets(bounds, limit).count == count + 1 - index)
            #expect(buckets(bounds, limit + 1).count == count - index)
        }
        #expect(buckets(bounds, .max) == ["x_bucket{le=\"+Inf\"} 1"])
        #expect(buckets(bounds, .min).count == count + 1)
    }
}
