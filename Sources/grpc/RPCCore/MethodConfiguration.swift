/// What a service config says of some methods' calls; nil: nothing.
package struct MethodConfiguration: Hashable, Sendable {
    package var timeout: Duration?
    package var waitForReady: Bool?
    /// Bytes of one message, compressed if it is sent so.
    package var maxRequestMessageBytes: Int?
    package var maxResponseMessageBytes: Int?
    package var retryPolicy: RetryPolicy?

    package init(
        timeout: Duration? = nil, waitForReady: Bool? = nil, maxRequestMessageBytes: Int? = nil,
        maxResponseMessageBytes: Int? = nil, retryPolicy: RetryPolicy? = nil
    ) {
        self.timeout = timeout
        self.waitForReady = waitForReady
        self.maxRequestMessageBytes = maxRequestMessageBytes
        self.maxResponseMessageBytes = maxResponseMessageBytes
        self.retryPolicy = retryPolicy
    }
}

/// The names that a method configuration is for.
package enum MethodName: Hashable, Sendable, CustomStringConvertible {
    case all
    case service(String)
    case method(service: String, String)

    package var description: String {
        switch self {
        case .all: "all methods"
        case .service(let service): service
        case .method(let service, let method): "\(service)/\(method)"
        }
    }
}

/// Which configuration is whose: a method's own, else its service's, else that of all (service_config.proto).
package struct MethodConfigurations: Hashable, Sendable {
    /// By `/service/method`, which a descriptor has at hand.
    private var methods: [String: MethodConfiguration] = [:]
    private var services: [String: MethodConfiguration] = [:]
    private var all: MethodConfiguration?

    package init() {}

    package var isEmpty: Bool { count == 0 }
    package var count: Int { methods.count + services.count + (all == nil ? 0 : 1) }

    /// False if the name has one already.
    package mutating func add(_ configuration: MethodConfiguration, for name: MethodName) -> Bool {
        switch name {
        case .all: return MethodConfigurations.put(configuration, into: &all)
        case .service(let service): return MethodConfigurations.put(configuration, into: &services[service])
        case .method(let service, let method):
            return MethodConfigurations.put(configuration, into: &methods["/\(service)/\(method)"])
        }
    }

    private static func put(_ configuration: MethodConfiguration, into place: inout MethodConfiguration?) -> Bool {
        guard place == nil else { return false }
        place = configuration
        return true
    }

    package subscript(_ method: MethodDescriptor) -> MethodConfiguration? {
        if !methods.isEmpty, let configuration = methods[method.path] { return configuration }
        if !services.isEmpty, let configuration = services[method.service] { return configuration }
        return all
    }
}
