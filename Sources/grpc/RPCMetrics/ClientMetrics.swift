package import RPCClient
package import RPCCore
package import RPCTransport
package import Telemetry

/// What a channel did, under the names of gRFCs A66 (calls and their attempts), A96 (retries) and A94 (connections). One for each channel.
///
/// Methods are the program's own, and the target is the operator's; so there is no `other` here.
package final class ClientMetrics: ClientTracer {
    /// Hears of all calls of one method.
    private final class Method: ClientCallTracer, ClientAttemptTracer {
        let path: String
        private let attempts: CallSeries
        private let durations: CallDurations
        private let retries: RetrySeries

        init(path: String, _ registry: MetricRegistry, _ labels: MetricRegistry.Labels) {
            self.path = path
            attempts = CallSeries(registry, .clientAttempt, labels)
            durations = CallDurations(registry, labels)
            retries = RetrySeries(registry, labels)
        }

        func attemptBegan() -> (any ClientAttemptTracer)? {
            attempts.started.increment()
            return self
        }

        func ended(_ summary: CallSummary) { attempts.ended(summary) }

        func retried(_ retries: Int, transparently: Int, delay: Duration) {
            self.retries.count(retries, transparent: transparently, delay: delay)
        }

        func ended(_ status: StatusCode, _ duration: Duration) { durations.ended(status, duration) }
    }

    private let registry: MetricRegistry
    private let target: (name: String, value: String)
    private var methods: [String: Method] = [:]
    /// Calls come in runs for the same method, and its path is then the very same text.
    private var last: Method?
    private let connections: ConnectionSeries
    private let resolver: ResolverSeries

    /// `target` is the channel's, with its scheme: `dns:///pods:8080`.
    package init(_ registry: MetricRegistry, target: String) {
        self.registry = registry
        self.target = ("grpc_target", target)
        for family in CallFamilies.clientAttempt.all + [CallDurations.family] + RetrySeries.families {
            registry.declare(family)
        }
        connections = ConnectionSeries(registry, self.target)
        resolver = ResolverSeries(registry, self.target)
    }

    package func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? {
        figures(of: method)
    }

    package func connectionAttemptSucceeded() { connections.succeeded() }
    package func connectionAttemptFailed() { connections.failed.increment() }
    package func resolverReported(lookups: Int, hasFailed: Bool) {
        resolver.reported(lookups: lookups, hasFailed: hasFailed)
    }

    package func disconnected(_ error: DisconnectError) { connections.disconnected(error.label) }

    private func figures(of method: MethodDescriptor) -> Method {
        let path = method.path
        if let last, last.path == path { return last }
        let figures = methods[path] ?? begin(method)
        methods[path] = figures
        last = figures
        return figures
    }

    private func begin(_ method: MethodDescriptor) -> Method {
        Method(path: method.path, registry, [("grpc_method", "\(method.service)/\(method.method)"), target])
    }
}
