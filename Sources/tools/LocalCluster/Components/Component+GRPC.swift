import Timing

extension Component {
    package static let grpc = Component(
        name: "grpc", services: [.grpc, .grpcHeadless], replicas: { $0.replicas }, mostReplicas: UpOptions.mostReplicas,
        startsAfter: [], readiness: .admin
    ) { context in
        var launch = Launch.service("grpc-server", context, shutdownDelay: context.options.grpcShutdownDelay)
        launch.environment["MAX_CONNECTION_AGE"] = context.options.maxConnectionAge.map(DurationText.format) ?? "off"
        return launch
    }
}
