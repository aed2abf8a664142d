import JSON
import LoadBalancing
package import Settings
import System

/// gRPC's service config for the gateway.
extension UpOptions {
    static let serviceConfigSetting = Setting(
        "SERVICE_CONFIG", .string("JSON"), default: "",
        help: "the gateway's service config, or @FILE: policy, timeouts and retries, health checks"
            + " (docs/service-config.md)")

    /// Puts a file's content into the place of its name, and refuses what the gateway would refuse. To be called where
    /// the words were typed: relative paths are of that folder, and whoever typed them is there to read why.
    package mutating func readServiceConfig() throws(UsageError) {
        guard let argument = serviceConfig else { return }
        let flag = UpOptions.serviceConfigSetting.flag
        let place = argument.hasPrefix("@") ? "\(flag): \(argument.dropFirst())" : flag
        let config: ServiceConfig
        do {
            guard let text = try FileSystem.text(of: argument) else {
                throw UsageError("\(place): it is not UTF-8 of at most 1 MiB")
            }
            config = try ServiceConfig(text: text)
            serviceConfig = try JSONParser.parse(text).text
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError(error is SystemError ? "\(flag): \(error)" : "\(place): \(error)")
        }
        if chosenPolicy != nil, config.policy != nil {
            throw UsageError("--policy and \(flag)'s loadBalancingConfig: one of them says how calls spread")
        }
    }

    /// The policy that the config names.
    var configuredPolicy: LoadBalancingPolicyName? {
        // It has been read before.
        guard let serviceConfig else { return nil }
        return try? ServiceConfig(text: serviceConfig).policy?.name
    }

    /// What the gateway is told: the config with the policy of this system in it, or the policy alone.
    var policySettings: [String: String] {
        guard let serviceConfig, var config = try? JSONParser.parse(serviceConfig).object else {
            return ["LOAD_BALANCING_POLICY": policy.rawValue]
        }
        if chosenPolicy != nil || configuredPolicy == nil {
            config["loadBalancingConfig"] = .array([.object(JSONObject([.init(key: policy.rawValue, value: [:])]))])
        }
        return ["SERVICE_CONFIG": JSONValue.object(config).text]
    }
}
