import Addresses
import ConsulDiscovery
import EtcdDiscovery
import Events
import RPCCore
import Registration
import ServiceKit
import Settings
import Timing

/// The registries in which this pod is to be found, and what it is entered with.
struct RegistryOptions {
    private static let service = Setting(
        "REGISTRY_SERVICE", .string("NAME"), default: "sample-service-grpc",
        help: "The name under which callers look for it there.")
    private static let timeToLive = Setting(
        "REGISTRY_TTL", .duration(atLeast: .seconds(1)), default: .seconds(10),
        help: "An entry that is not renewed for so long goes; it is, each third of it, at least every 3.3 s.")

    static let settings: [any AnySetting] =
        EtcdSettings.settings("Enter this pod in this etcd while it is ready, at its POD_IP")
        + ConsulSettings.settings("Enter this pod with this agent of Consul's while it is ready")
        + [service, timeToLive]

    private let service: String
    private let instance: String
    private let ip: IPAddress?
    private let timeToLive: Duration
    private let etcd: EtcdEndpoints?
    private let consul: ConsulAccess?

    /// Throws for what cannot be used; `loop` is the current one, and only tries names out.
    init(_ values: SettingValues, _ identity: ServiceIdentity, on loop: EventLoop) throws(UsageError) {
        service = values[RegistryOptions.service]
        timeToLive = values[RegistryOptions.timeToLive]
        instance = identity.hostname
        ip = IPAddress(values[CommonOptions.podIP])
        etcd = try EtcdSettings.endpoints(values, on: loop)
        consul = try ConsulSettings.access(values)
        guard etcd != nil || consul != nil else { return }
        try check(values)
    }

    private func check(_ values: SettingValues) throws(UsageError) {
        guard RegistryEntry.isName(service) else {
            throw values.rejection(
                of: RegistryOptions.service, because: "a name in a registry has letters, digits, '-', '_' and '.'")
        }
        guard RegistryEntry.isName(instance) else {
            throw values.rejection(
                of: CommonOptions.podName, because: "a name in a registry has letters, digits, '-', '_' and '.'")
        }
        guard ip != nil else {
            throw values.rejection(
                of: CommonOptions.podIP,
                because: "a registry needs this pod's address, such as 10.1.2.3, for callers to reach it")
        }
        guard values[CommonOptions.listenAddress].port != nil else {
            throw values.rejection(
                of: CommonOptions.listenAddress,
                because: "a registry needs a port, such as 0.0.0.0:8080, for callers to reach this pod")
        }
    }

    /// One for each registry, for a pod whose server has this address.
    func makeClients(of address: SocketAddress, on loop: EventLoop) throws(RPCError) -> [any RegistryClient] {
        guard let ip, let port = address.port else { return [] }
        let entry = RegistryEntry(
            service: service, instance: instance, address: .ip(ip, port: port), timeToLive: timeToLive)
        var clients: [any RegistryClient] = []
        if let etcd { clients.append(EtcdRegistryClient(entry, at: etcd, on: loop)) }
        if let consul { clients.append(try ConsulRegistryClient(entry, at: consul, on: loop)) }
        return clients
    }
}
