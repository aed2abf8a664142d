extension Component {
    package static let js = Component(
        name: "js", services: [.js], replicas: { _ in 1 }, mostReplicas: 10, startsAfter: [], readiness: .admin
    ) { context in
        var launch = Launch.service("js-server", context, shutdownDelay: context.options.shutdownDelay)
        launch.environment["STATIC_ROOT"] = context.webDirectory
        return launch
    }
}
