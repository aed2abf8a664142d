import Timing

extension Launch {
    /// One of the Swift services, with the variables that every one of them reads.
    static func service(_ program: String, _ context: PodContext, shutdownDelay: Duration) -> Launch {
        var launch = Launch(.sibling(program))
        launch.gracePeriod = context.options.gracePeriod(afterDelay: shutdownDelay)
        launch.environment = [
            "LISTEN_ADDRESS": "\(context.socketAddress(port: Component.servicePort))",
            "ADMIN_ADDRESS": "\(context.socketAddress(port: Component.adminPort))",
            "POD_NAME": context.podName,
            "POD_IP": "\(context.podAddress)",
            "POD_NAMESPACE": "default",
            "SHUTDOWN_DELAY": DurationText.format(shutdownDelay),
            "SHUTDOWN_GRACE": DurationText.format(context.options.shutdownGrace),
            "LOG_LEVEL": context.options.logLevel,
        ]
        return launch
    }
}
