import LoadBalancing
import Timing

extension Component {
    package static let gateway = Component(
        name: "gateway", services: [.gateway], replicas: { _ in 1 }, mostReplicas: 10, startsAfter: ["grpc", "nginx"],
        readiness: .admin
    ) { context in
        var launch = Launch.service("gateway", context, shutdownDelay: context.options.shutdownDelay)
        let mode = context.options.mode
        launch.environment.merge(mode.gatewaySettings(context)) { $1 }
        launch.sidecars = mode.gatewaySidecars(context)
        launch.environment["GRPC_TARGET"] = mode.target(context.surroundings)
        launch.environment["POD_SOURCE"] = mode.podSource?(context.surroundings)
        launch.environment["LOAD_BALANCING_MODE"] = mode.name
        launch.environment.merge(context.options.policySettings) { $1 }
        launch.environment["DNS_MIN_RESOLUTION_INTERVAL"] = DurationText.format(context.options.dnsInterval)
        // It starts after the grpc pods, all of which are in DNS then; so nothing but events makes it look again.
        launch.environment["DNS_START_WINDOW"] = "0s"
        launch.environment["CALL_TIMEOUT"] = "65s"
        // By address: an http URL has no place for the name server that knows the name.
        launch.environment["HTTP_TARGET"] = Service.js.virtualAddress(in: context.plan).map { "http://\($0)/js/hello" }
        return launch
    }
}
