import LoadBalancing
import RPCCore

/// The service config that a channel goes by, made ready for calls.
struct ActiveConfig {
    let config: ServiceConfig
    let throttle: RetryThrottle?
    /// Asked for each call.
    let hasMethods: Bool
    /// Calls come in runs for the same method, and its path is then the very same text.
    private var last: (path: String, configuration: MethodConfiguration?)?

    /// `throttle` is what other channels to the same servers count by; it is used if it is by the same numbers.
    init(_ config: ServiceConfig, sharing throttle: RetryThrottle?) {
        self.config = config
        hasMethods = !config.methods.isEmpty
        if let throttling = config.retryThrottling {
            self.throttle = throttle?.throttling == throttling ? throttle : RetryThrottle(throttling)
        } else {
            self.throttle = nil
        }
    }

    var snapshot: ChannelSnapshot.ServiceConfig {
        ChannelSnapshot.ServiceConfig(
            methods: config.methods.count, healthCheckService: config.healthCheckService, retryTokens: throttle?.tokens)
    }

    mutating func configuration(of method: MethodDescriptor) -> MethodConfiguration? {
        if let last, last.path == method.path { return last.configuration }
        let configuration = config.methods[method]
        last = (method.path, configuration)
        return configuration
    }
}
