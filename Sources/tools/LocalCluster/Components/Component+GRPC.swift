import Timing

extension Component {
    package static let grpc = Component(
        name: "grpc", services: [.grpc, .grpcHeadless], replicas: { $0.replicas }, mostReplicas: UpOptions.mostReplicas,
        startsAfter: [], readiness: .admin
    ) { context in
        var launch = Launch.service("grpc-server", context, shutdownDelay: context.options.grpcShutdownDelay)
        for mode in context.options.modes { launch.environment.merge(mode.grpcSettings(context)) { $1 } }
        launch.environment["MAX_CONNECTION_AGE"] = context.options.maxConnectionAge.map(DurationText.format) ?? "off"
        // Always: a running system may go over to weighted_round_robin, and its pods stay.
        launch.environment["LOAD_REPORTS"] = "true"
        // It is a stage: one pod can be made slow or faulty, to see what policies do about it.
        launch.environment["TROUBLE"] = "on"
        return launch
    }
}
