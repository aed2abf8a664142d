import ServiceKit
import Testing

@Suite struct MetricRegistryTests {
    @Test func theTextIsPrometheus() {
        let metrics = MetricRegistry()
        let ok = metrics.counter("calls_total", help: "Calls,\nby code.", labels: ["code": "OK"])
        let failed = metrics.counter("calls_total", help: "", labels: ["code": "a\"b\\c\nd", "x": "y"])
        let open = metrics.gauge("connections", help: "Open ones.")
        metrics.observe("load", .gauge, help: "A fraction.") { 0.25 }
        metrics.observe("absent", .gauge, help: "Unknown here.") { nil }
        ok.increment()
        ok.increment(by: 41)
        failed.increment()
        open.set(7)
        open.add(-9)
        #expect(
            metrics.text == """
                # HELP calls_total Calls, by code.
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

                """)
    }
}
