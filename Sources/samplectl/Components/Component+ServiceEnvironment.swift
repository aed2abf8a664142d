import Timing

extension Component {
    /// The variables that every Swift service reads.
    static func commonEnvironment(_ context: PodContext) -> [String: String] {
        [
            "LISTEN_ADDRESS": "\(context.socketAddress(port: servicePort))",
            "ADMIN_ADDRESS": "\(context.socketAddress(port: adminPort))",
            "POD_NAME": context.podName,
            "POD_IP": "\(context.podAddress)",
            "POD_NAMESPACE": "default",
            "SHUTDOWN_DELAY": DurationText.format(context.options.shutdownDelay),
            "SHUTDOWN_GRACE": DurationText.format(context.options.shutdownGrace),
            "LOG_LEVEL": context.options.logLevel,
        ]
    }
}
