import ConsulDiscovery
import EtcdDiscovery
import Events
import KubernetesDiscovery
import Resolvers
import Settings

/// Where pods are found besides DNS.
struct DiscoveryOptions {
    private static let apiHost = Setting(
        "KUBERNETES_SERVICE_HOST", .string("HOST"), default: "",
        help: "For targets such as kubernetes:///sample-service-grpc:grpc, the API server; every pod has this.")
    private static let apiPort = Setting(
        "KUBERNETES_SERVICE_PORT", .integer(1...65535), default: 443, help: "Its port; every pod has this, too.")
    private static let serviceAccount = Setting(
        "KUBERNETES_SERVICE_ACCOUNT", .string("DIR"), default: ServiceAccount.usualDirectory,
        help: "The directory with token, ca.crt and namespace, for the API server.")

    static let settings: [any AnySetting] =
        [apiHost, apiPort, serviceAccount]
        + EtcdSettings.settings("For targets such as etcd:///sample-service-grpc, where etcd is")
        + ConsulSettings.settings("For targets such as consul:///sample-service-grpc, the agent to ask")

    private let etcd: EtcdEndpoints?
    private let consul: ConsulAccess?
    private let kubernetes: KubernetesConfiguration?

    /// Throws for what cannot be used; `loop` is the current one, and only tries names out.
    init(_ values: SettingValues, on loop: EventLoop) throws(UsageError) {
        etcd = try EtcdSettings.endpoints(values, on: loop)
        consul = try ConsulSettings.access(values)
        let host = values[DiscoveryOptions.apiHost]
        let account = ServiceAccount(values[DiscoveryOptions.serviceAccount])
        kubernetes =
            host.isEmpty
            ? nil
            : KubernetesConfiguration(
                host: host, port: UInt16(values[DiscoveryOptions.apiPort]), account: account)
    }

    var resolvers: [ResolverFactory] {
        [.kubernetes(kubernetes), .etcd(etcd), .consul(consul)]
    }
}
