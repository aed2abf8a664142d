import RPCCore
package import RPCServer
package import Telemetry

/// What a gRPC server did, under the names of gRFC A66. One for each loop.
///
/// Methods that the server does not have are all `other`: a client makes up as many as it likes.
package final class ServerMetrics: ServerTracer {
    private let registry: MetricRegistry
    /// The route is kept so that no other one can come to have its identity.
    private var methods: [ObjectIdentifier: (route: Route, series: CallSeries)] = [:]
    /// Of methods that the server does not have.
    private var other: CallSeries?
    /// Calls come in runs for the same method.
    private var lastRoute: ObjectIdentifier?
    private var lastSeries: CallSeries?

    package init(_ registry: MetricRegistry) {
        self.registry = registry
        for family in CallFamilies.server.all { registry.declare(family) }
    }

    package func callBegan(_ call: ServerContext) -> (any ServerCallTracer)? {
        let series = series(of: call.route)
        series.started.increment()
        return series
    }

    private func series(of route: Route?) -> CallSeries {
        guard let route else { return seriesOfOthers() }
        let id = ObjectIdentifier(route)
        if id == lastRoute, let lastSeries { return lastSeries }
        let series = methods[id]?.series ?? begin("\(route.method.service)/\(route.method.method)")
        methods[id] = (route, series)
        lastRoute = id
        lastSeries = series
        return series
    }

    private func seriesOfOthers() -> CallSeries {
        let series = other ?? begin("other")
        other = series
        return series
    }

    private func begin(_ method: String) -> CallSeries {
        CallSeries(registry, .server, [("grpc_method", method)])
    }
}

extension CallSeries: ServerCallTracer {
    package func callEnded(_ call: ServerContext, _ summary: CallSummary) { ended(summary) }
}
