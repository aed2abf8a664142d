import LoadBalancing
import RPCClient
import Settings
import System

/// The service config that an operator writes: `SERVICE_CONFIG`.
enum ServiceConfigOptions {
    static let text = Setting(
        "SERVICE_CONFIG", .string("JSON|@FILE"), default: "",
        help: "gRPC's service config, or the file that has it: policy, timeouts and retries of methods, health checks"
            + " (docs/service-config.md). Not together with LOAD_BALANCING_POLICY.")

    /// nil if there is none. `policy` is the setting that says the same as a part of it; `told` hears of what is of no
    /// use in it.
    static func read(
        _ values: SettingValues, insteadOf policy: any AnySetting, given: Bool, told: (String) -> Void
    ) throws(UsageError) -> ServiceConfig? {
        let argument = values[text]
        if argument.isEmpty { return nil }
        guard !given else {
            throw UsageError(
                "\(text.name) and \(policy.name): one of them says how calls spread; write the policy as the config's"
                    + " loadBalancingConfig, or leave the config out")
        }
        let place = argument.hasPrefix("@") ? "\(text.name): \(argument.dropFirst())" : text.name
        do {
            guard let json = try FileSystem.text(of: argument) else {
                throw UsageError("\(place): it is not UTF-8 of at most 1 MiB")
            }
            return try ServiceConfig(text: json) { told("\(place): \($0)") }
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError(error is SystemError ? "\(text.name): \(error)" : "\(place): \(error)")
        }
    }
}
