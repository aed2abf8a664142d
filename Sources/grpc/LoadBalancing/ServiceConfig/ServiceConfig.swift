package import RPCCore

/// What the owner of a service asks of its clients (gRPC's service_config.md): as much of it as this build knows.
package struct ServiceConfig: Hashable, Sendable {
    /// nil leaves the choice to the client.
    package var policy: LoadBalancingConfiguration?
    package var methods = MethodConfigurations()
    /// nil: retries are as many as methods have.
    package var retryThrottling: RetryThrottling?
    /// The service by whose health servers get calls (gRFC A17), empty for the server as a whole; nil: nobody asks.
    package var healthCheckService: String?

    package init(policy: LoadBalancingConfiguration? = nil) {
        self.policy = policy
    }
}
