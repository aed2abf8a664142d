import Telemetry

/// The connections of one channel (gRFC A94). They begin at zero, so that the first failure is an increase.
final class ConnectionSeries {
    private static let succeededFamily = MetricFamily(
        "grpc_subchannel_connection_attempts_succeeded_total", .counter, help: "Successful connection attempts.")
    private static let failedFamily = MetricFamily(
        "grpc_subchannel_connection_attempts_failed_total", .counter, help: "Failed connection attempts.")
    private static let openFamily = MetricFamily(
        "grpc_subchannel_open_connections", .gauge, help: "Open connections.")
    private static let disconnectionsFamily = MetricFamily(
        "grpc_subchannel_disconnections_total", .counter,
        help: "Times that a connection that was ready for calls was lost or given up, by reason.")

    let failed: Counter
    private let attemptsSucceeded: Counter
    private let open: Gauge
    private let registry: MetricRegistry
    private let target: (name: String, value: String)
    /// By reason: a fixed set.
    private var disconnections: [String: Counter] = [:]

    init(_ registry: MetricRegistry, _ target: (name: String, value: String)) {
        self.registry = registry
        self.target = target
        attemptsSucceeded = registry.counter(ConnectionSeries.succeededFamily, [target])
        failed = registry.counter(ConnectionSeries.failedFamily, [target])
        open = registry.gauge(ConnectionSeries.openFamily, [target])
        registry.declare(ConnectionSeries.disconnectionsFamily)
    }

    func succeeded() {
        attemptsSucceeded.increment()
        open.add(1)
    }

    func disconnected(_ reason: String) {
        open.add(-1)
        if disconnections[reason] == nil {
            disconnections[reason] = registry.counter(
                ConnectionSeries.disconnectionsFamily, [target, ("grpc_disconnect_error", reason)])
        }
        disconnections[reason]?.increment()
    }
}
