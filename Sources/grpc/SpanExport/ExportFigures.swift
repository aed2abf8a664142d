import RPCCore
package import Telemetry

/// What became of the spans.
package struct ExportFigures: Sendable {
    package static let exported = MetricFamily(
        "sample_spans_exported_total", .counter, help: "Spans that the collector has taken.")
    package static let dropped = MetricFamily(
        "sample_spans_dropped_total", .counter,
        help: "Spans that the collector has not got: because too many waited for it (queue_full), it failed or did not"
            + " answer (export_failed), it took the rest of their batch only (rejected), or the service ended (shutdown)."
    )
    package static let failures = MetricFamily(
        "sample_span_exports_failed_total", .counter,
        help: "Exports that failed, by the gRPC status; most are tried again.")
    package static let queued = MetricFamily(
        "sample_spans_queued", .gauge, help: "Spans that wait to be exported, or are under way.")

    let exported: Counter
    package let queueFull: Counter
    let exportFailed: Counter
    let rejected: Counter
    let shutdown: Counter
    let queued: Gauge
    private let failures: [Counter]

    package init(_ registry: MetricRegistry) {
        exported = registry.counter(ExportFigures.exported)
        func dropped(_ reason: String) -> Counter { registry.counter(ExportFigures.dropped, [("reason", reason)]) }
        queueFull = dropped("queue_full")
        exportFailed = dropped("export_failed")
        rejected = dropped("rejected")
        shutdown = dropped("shutdown")
        queued = registry.gauge(ExportFigures.queued)
        registry.declare(ExportFigures.failures)
        failures = StatusCode.allCases.filter { $0 != .ok }.map {
            registry.counter(ExportFigures.failures, [("grpc_status", $0.name)])
        }
    }

    func failed(_ code: StatusCode) {
        // Their order is that of the codes, without OK.
        if code != .ok { failures[code.rawValue - 1].increment() }
    }
}
