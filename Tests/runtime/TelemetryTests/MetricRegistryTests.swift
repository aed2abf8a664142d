import Telemetry
import Testing

@Suite struct MetricRegistryTests {
    private let metrics = MetricRegistry()
    private let calls = MetricFamily("calls_total", .counter, help: "Calls,\nby \\ code.")

    private var text: String { String(decoding: metrics.text, as: UTF8.self) }

    @Test func theTextIsPrometheus() {
        let ok = metrics.counter(calls, [("code", "OK")])
        let failed = metrics.counter(calls, [("code", "a\"b\\c\nd"), ("x", "y")])
        let open = metrics.gauge(MetricFamily("connections", .gauge, help: "Open ones."))
        metrics.observe(MetricFamily("load", .gauge, help: "A fraction.")) { 0.25 }
        metrics.observe(MetricFamily("absent", .gauge, help: "Unknown here.")) { nil }
        metrics.declare(MetricFamily("none_yet_total", .counter, help: "Seen before it counts."))
        ok.increment()
        ok.increment(by: 41)
        failed.increment()
        open.add(7)
        open.add(-9)
        #expect(
            text == """
                # HELP calls_total Calls,\\nby \\\\ code.
                # TYPE calls_total counter
                calls_total{code="OK"} 42
                calls_total{code="a\\"b\\\\c\\nd",x="y"} 1
                # HELP connections Open ones.
                # TYPE connections gauge
                connections -2
                # HELP load A fraction.
                # TYPE load gauge
                load 0.25
                # HELP absent Unknown here.
                # TYPE absent gauge
                # HELP none_yet_total Seen before it counts.
                # TYPE none_yet_total counter

                """)
    }

    /// Bounds are inclusive, buckets cumulative, and the last one is the count.
    @Test func aHistogramCountsEachBoundAndAllBelow() {
        let family = MetricFamily(
            "wait_seconds", .histogram(HistogramBounds(seconds: [0, 0.00001, 0.5, 2])), help: "Waiting.")
        let histogram = metrics.histogram(family, [("to", "a\"b")])
        histogram.observe(.zero)
        histogram.observe(.nanoseconds(10_000))
        histogram.observe(.nanoseconds(10_001))
        histogram.observe(.milliseconds(500))
        histogram.observe(.seconds(2) + .nanoseconds(1))
        histogram.observe(.seconds(-1))
        #expect(
            text == """
                # HELP wait_seconds Waiting.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{to="a\\"b",le="0"} 2
                wait_seconds_bucket{to="a\\"b",le="1e-05"} 3
                wait_seconds_bucket{to="a\\"b",le="0.5"} 5
                wait_seconds_bucket{to="a\\"b",le="2"} 5
                wait_seconds_bucket{to="a\\"b",le="+Inf"} 6
                wait_seconds_sum{to="a\\"b"} 2.500020002
                wait_seconds_count{to="a\\"b"} 6

                """)
    }

    @Test func aHistogramOfSizesWithoutLabels() {
        let family = MetricFamily("size_bytes", .histogram(HistogramBounds(bytes: [0, 1024])), help: "Size.")
        let histogram = metrics.histogram(family)
        for size: Int64 in [0, 1, 1024, 1025, 4096] { histogram.observe(size) }
        #expect(
            text.hasSuffix(
                """
                size_bytes_bucket{le="0"} 1
                size_bytes_bucket{le="1024"} 3
                size_bytes_bucket{le="+Inf"} 5
                size_bytes_sum 6146
                size_bytes_count 5

                """))
    }

    /// What several loops count is one series.
    @Test func shardsAreAddedUp() {
        let open = MetricFamily("connections", .gauge, help: "")
        let size = MetricFamily("size_bytes", .histogram(HistogramBounds(bytes: [10])), help: "")
        for number: Int64 in 1...3 {
            metrics.counter(calls, [("code", "OK")]).increment(by: UInt64(number))
            metrics.gauge(open).add(number)
            metrics.observe(open) { number == 2 ? nil : 100 }
            metrics.histogram(size).observe(number * 5)
        }
        let samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            samples == [
                "calls_total{code=\"OK\"} 6", "connections 206", "size_bytes_bucket{le=\"10\"} 2",
                "size_bytes_bucket{le=\"+Inf\"} 3", "size_bytes_sum 30", "size_bytes_count 3",
            ])
    }

    @Test(arguments: [
        (3.0, "3"), (-0.5, "-0.5"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (4_294_967_296, "4294967296"),
    ])
    func numbers(value: Double, expected: String) {
        metrics.observe(MetricFamily("x", .gauge, help: "")) { value }
        #expect(text.hasSuffix("\nx \(expected)\n"))
    }

    @Test func threadsDoNotLoseCounts() async {
        let counter = metrics.counter(calls)
        let histogram = metrics.histogram(
            MetricFamily("size_bytes", .histogram(HistogramBounds(bytes: [10])), help: ""))
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        histogram.observe(1)
                    }
                }
            }
        }
        #expect(counter.value == 40_000)
        #expect(text.contains("size_bytes_bucket{le=\"10\"} 40000\n"))
        #expect(text.contains("size_bytes_sum 40000\n"))
    }
}
