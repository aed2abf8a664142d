package import Events
import RPCCore
package import Settings

/// What a program can be told of etcd.
package enum EtcdSettings {
    private static let endpoints = endpoints("")

    private static func endpoints(_ purpose: String) -> Setting<String> {
        Setting(
            "ETCD_ENDPOINTS", .string("ADDRESSES"), default: "", help: "\(purpose): host:port,..., the members.")
    }

    /// `purpose` says what the program does with this etcd.
    package static func settings(_ purpose: String) -> [any AnySetting] { [endpoints(purpose)] }

    /// nil where no etcd is named. `loop` is the current one, and only tries names out.
    package static func endpoints(_ values: SettingValues, on loop: EventLoop) throws(UsageError) -> EtcdEndpoints? {
        let text = values[endpoints]
        if text.isEmpty { return nil }
        do throws(RPCError) {
            return try EtcdEndpoints(text, on: loop)
        } catch {
            throw values.rejection(of: endpoints, because: error.message)
        }
    }
}
