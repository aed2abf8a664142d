import RPCCore
import Telemetry

/// What a client's calls of one method took, all attempts together.
final class CallDurations {
    static let family = MetricFamily(
        "grpc_client_call_duration_seconds", .histogram(.grpcLatency),
        help: "Time to complete an RPC from the application's perspective, all attempts included.")

    private let registry: MetricRegistry
    private let labels: MetricRegistry.Labels
    private var durations = StatusTable<Histogram>()

    init(_ registry: MetricRegistry, _ labels: MetricRegistry.Labels) {
        self.registry = registry
        self.labels = labels
    }

    func ended(_ status: StatusCode, _ duration: Duration) {
        (durations[status] ?? begin(status)).observe(duration)
    }

    private func begin(_ status: StatusCode) -> Histogram {
        let histogram = registry.histogram(CallDurations.family, labels + [("grpc_status", status.name)])
        durations[status] = histogram
        return histogram
    }
}
