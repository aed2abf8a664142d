import ConsulDiscovery
import EtcdDiscovery
import Events
import RPCCore
import Resolvers
import Settings

/// Where pods are found besides DNS.
struct DiscoveryOptions {
    private static let etcdEndpoints = Setting(
        "ETCD_ENDPOINTS", .string("ADDRESSES"), default: "",
        help: "For targets such as etcd:///sample-service-grpc, where etcd is: host:port,..., the members.")

    static let settings: [any AnySetting] =
        [etcdEndpoints] + ConsulSettings.settings("For targets such as consul:///sample-service-grpc, the agent to ask")

    private let etcd: EtcdEndpoints?
    private let consul: ConsulSettings

    /// Throws for what cannot be used; `loop` is the current one, and only tries names out.
    init(_ values: SettingValues, on loop: EventLoop) throws(UsageError) {
        etcd = try DiscoveryOptions.parse(DiscoveryOptions.etcdEndpoints, values) { text throws(RPCError) in
            try EtcdEndpoints(text, on: loop)
        }
        consul = try ConsulSettings(values)
    }

    private static func parse<Value>(
        _ setting: Setting<String>, _ values: SettingValues, _ parse: (String) throws(RPCError) -> Value
    ) throws(UsageError) -> Value? {
        let text = values[setting]
        if text.isEmpty { return nil }
        do throws(RPCError) {
            return try parse(text)
        } catch {
            throw values.rejection(of: setting, because: error.message)
        }
    }

    var resolvers: [ResolverFactory] { [.etcd(etcd), .consul(address: consul.address, token: consul.token)] }
}
