package import Events
package import HTTP
package import HTTPTransport
package import Telemetry

/// What an HTTP server answered, under the names of OpenTelemetry's semantic conventions for HTTP. One for a service;
/// each loop counts for itself.
package final class HTTPServerMetrics: Sendable {
    /// The conventions' own bounds.
    package static let duration = MetricFamily(
        "http_server_request_duration_seconds",
        .histogram(
            HistogramBounds(seconds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])),
        help: "Duration of HTTP server requests.")
    private static let connections = MetricFamily(
        "http_server_open_connections", .gauge, help: "Connections of HTTP clients, idle ones included.")

    /// RFC 9110 and RFC 5789; any other is `_OTHER`, because clients make them up.
    private static let knownMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ]

    static let otherMethod = "_OTHER"

    /// The method, or what stands for those that nobody knows.
    static func bounded(_ method: String) -> String { knownMethods.contains(method) ? method : otherMethod }

    /// What tells one series from another.
    private struct Key: Hashable {
        let method: String
        let status: UInt16
        let route: String?
    }

    private final class Shard {
        private let registry: MetricRegistry
        /// By known methods and `_OTHER`.
        private var series: [Key: Histogram] = [:]
        /// Requests come in runs of the same kind.
        private var last: (key: Key, histogram: Histogram)?

        init(_ registry: MetricRegistry) {
            self.registry = registry
        }

        func histogram(_ key: Key) -> Histogram {
            if let last, last.key == key { return last.histogram }
            let histogram = find(key)
            last = (key, histogram)
            return histogram
        }

        private func find(_ key: Key) -> Histogram {
            let method = HTTPServerMetrics.bounded(key.method)
            let bounded = Key(method: method, status: key.status, route: key.route)
            if let histogram = series[bounded] { return histogram }
            let labels = [("http_request_method", method), ("http_response_status_code", "\(key.status)")]
            let route = key.route.map { [("http_route", $0)] } ?? []
            let histogram = registry.histogram(HTTPServerMetrics.duration, labels + route)
            series[bounded] = histogram
            return histogram
        }
    }

    private let registry: MetricRegistry
    private let shards: LoopLocal<Shard>

    package init(_ registry: MetricRegistry, on loops: [EventLoop]) {
        self.registry = registry
        registry.declare(HTTPServerMetrics.duration)
        shards = LoopLocal(on: loops) { _ in Shard(registry) }
    }

    /// `loop` is the server's, and the admin server's.
    package func countConnections(of server: HTTPServer, on loop: EventLoop) {
        let server = LoopBound(server, on: loop)
        registry.observe(HTTPServerMetrics.connections) { Double(server.value.connectionCount) }
    }

    /// For `HTTPServer`'s `finished`.
    package func requestFinished(_ access: HTTPAccess) {
        guard access.isRequest else { return }
        requestFinished(access.method, route: access.route, access.status, access.duration)
    }

    /// On one of the loops; elsewhere nothing is counted. `route` is the pattern that the request matched, nil if there was none.
    package func requestFinished(_ method: String, route: String?, _ status: HTTPStatus, _ duration: Duration) {
        shards.current?.histogram(Key(method: method, status: status.code, route: route)).observe(duration)
    }
}
