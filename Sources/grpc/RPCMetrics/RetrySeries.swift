import Telemetry

/// How often a client's calls of one method were tried again, and how long they waited for it (gRFC A96). A call with one
/// attempt is in none of them, as the gRFC has it; so a series begins with the first call that is tried again.
final class RetrySeries {
    static let families = [retriesFamily, transparentFamily, delayFamily]

    private static let retriesFamily = MetricFamily(
        "grpc_client_call_retries", .histogram(HistogramBounds(bytes: [1, 2, 3, 4, 5])),
        help: "Retries of an RPC that its retry policy asked for; RPCs without are not counted.")
    private static let transparentFamily = MetricFamily(
        "grpc_client_call_transparent_retries", .histogram(HistogramBounds(bytes: [1, 2, 3, 4, 5, 10])),
        help: "Retries of an RPC that no server had processed; RPCs without are not counted.")
    private static let delayFamily = MetricFamily(
        "grpc_client_call_retry_delay_seconds", .histogram(.grpcLatency),
        help: "Time in which an RPC that was tried again had no attempt under way.")

    private let registry: MetricRegistry
    private let labels: MetricRegistry.Labels
    private lazy var retries = registry.histogram(RetrySeries.retriesFamily, labels)
    private lazy var transparent = registry.histogram(RetrySeries.transparentFamily, labels)
    private lazy var delay = registry.histogram(RetrySeries.delayFamily, labels)

    init(_ registry: MetricRegistry, _ labels: MetricRegistry.Labels) {
        self.registry = registry
        self.labels = labels
    }

    func count(_ retries: Int, transparent: Int, delay: Duration) {
        if retries > 0 { self.retries.observe(Int64(retries)) }
        if transparent > 0 { self.transparent.observe(Int64(transparent)) }
        self.delay.observe(delay)
    }
}
