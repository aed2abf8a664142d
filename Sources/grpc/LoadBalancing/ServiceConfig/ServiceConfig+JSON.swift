package import JSON
import RPCCore

/// service_config.proto in protobuf's JSON. What grpc-go refuses is refused, and two things besides that it would
/// silently do without: a retry policy that cannot be used, and a `loadBalancingPolicy` that nobody knows.
extension ServiceConfig {
    private static let members = [
        "loadBalancingPolicy", "loadBalancingConfig", "methodConfig", "retryThrottling", "healthCheckConfig",
    ]

    /// A config's text is typed by an operator or comes in an environment, where the kernel lets a variable have 128 KiB.
    private static let limits = JSONParser.Limits(bytes: 1 << 20, depth: 32)

    /// Throws what an operator can act on: where, and what is wrong there. `warned` hears of what is valid and of no use.
    package init(text: String, warned: (String) -> Void = { _ in }) throws(ConfigurationError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(text, limits: ServiceConfig.limits)
        } catch {
            throw ConfigurationError(path: "", reason: error.description)
        }
        try self.init(value, warned: warned)
    }

    package init(_ value: JSONValue, warned: (String) -> Void = { _ in }) throws(ConfigurationError) {
        self.init()
        let reader = try ConfigurationReader(value, at: "")
        reader.warnOfUnknown(besides: ServiceConfig.members, warned)
        policy = try ServiceConfig.policy(reader, warned)
        methods = try ServiceConfig.methods(reader, warned)
        if let throttling = try reader.object("retryThrottling") {
            retryThrottling = try RetryThrottling(throttling, warned)
        }
        if let health = try reader.object("healthCheckConfig") {
            health.warnOfUnknown(besides: ["serviceName"], warned)
            // An empty name is one: the server as a whole.
            healthCheckService = try health.text("serviceName") ?? ""
        }
    }

    private static func policy(
        _ reader: ConfigurationReader, _ warned: (String) -> Void
    ) throws(ConfigurationError) -> LoadBalancingConfiguration? {
        let deprecated = try reader.text("loadBalancingPolicy")
        if let list = reader["loadBalancingConfig"] {
            return try LoadBalancingConfiguration(list: list, at: "loadBalancingConfig", warned: warned)
        }
        guard let deprecated else { return nil }
        // The enum of the proto has capitals: ROUND_ROBIN.
        guard let name = LoadBalancingPolicyName(rawValue: deprecated.lowercased()) else {
            throw reader.error(
                "loadBalancingPolicy", "\"\(deprecated)\" is not known here; there are \(LoadBalancingPolicyName.names)"
            )
        }
        return LoadBalancingConfiguration(name)
    }

    private static func methods(
        _ reader: ConfigurationReader, _ warned: (String) -> Void
    ) throws(ConfigurationError) -> MethodConfigurations {
        var methods = MethodConfigurations()
        for (index, entry) in (try reader.list("methodConfig") ?? []).enumerated() {
            let entry = try ConfigurationReader(entry, at: "methodConfig[\(index)]")
            let configuration = try MethodConfiguration(entry, warned)
            let names = try entry.list("name") ?? []
            if names.isEmpty { warned("\(entry.path): it has no name, and is nobody's") }
            for (index, name) in names.enumerated() {
                let reader = try ConfigurationReader(name, at: "\(entry.path).name[\(index)]")
                let name = try MethodName(reader, warned)
                guard methods.add(configuration, for: name) else {
                    throw ConfigurationError(
                        path: reader.path, reason: "\(name) has been configured before; a name may stand only once")
                }
            }
        }
        return methods
    }
}

extension MethodName {
    fileprivate init(_ reader: ConfigurationReader, _ warned: (String) -> Void) throws(ConfigurationError) {
        reader.warnOfUnknown(besides: ["service", "method"], warned)
        let service = try reader.text("service") ?? ""
        let method = try reader.text("method") ?? ""
        if service.isEmpty {
            guard method.isEmpty else { throw reader.error("method", "\"\(method)\" stands there without a service") }
            self = .all
        } else {
            self = method.isEmpty ? .service(service) : .method(service: service, method)
        }
    }
}

extension RetryThrottling {
    fileprivate init(_ reader: ConfigurationReader, _ warned: (String) -> Void) throws(ConfigurationError) {
        reader.warnOfUnknown(besides: ["maxTokens", "tokenRatio"], warned)
        let most = RetryThrottling.mostTokens
        let tokens = try reader.required("maxTokens", try reader.number("maxTokens"))
        guard tokens >= 0.001, tokens <= Double(most) else {
            throw reader.error("maxTokens", "\(tokens) is not above 0, and at most \(most)")
        }
        let ratio = try reader.required("tokenRatio", try reader.number("tokenRatio"))
        // What is beyond three decimals does not count (A6).
        guard ratio >= 0.001 else { throw reader.error("tokenRatio", "\(ratio) is not at least 0.001") }
        self.init(
            maxMillitokens: Int((tokens * 1000).rounded()),
            millitokensPerSuccess: Int(min((ratio * 1000).rounded(.down), Double(most) * 1000)))
    }
}

extension ConfigurationReader {
    func required<Value>(_ key: String, _ value: Value?) throws(ConfigurationError) -> Value {
        guard let value else { throw error(key, "it is missing") }
        return value
    }

    /// As in grpc-go such members say nothing; but a misspelt one should not go unseen.
    func warnOfUnknown(besides known: [String], _ warned: (String) -> Void) {
        for key in keys where !known.contains(key) {
            let meant = known.first { $0.lowercased() == key.lowercased() }.map { ": did you mean \($0)?" } ?? ""
            warned("\(path(of: key)): it is not known here, and says nothing\(meant)")
        }
    }
}
