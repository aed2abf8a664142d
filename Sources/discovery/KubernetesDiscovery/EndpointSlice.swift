package import Addresses
package import JSON

/// A `discovery.k8s.io/v1` EndpointSlice: as much of it as decides who is called.
package struct EndpointSlice: Hashable, Sendable {
    package struct Port: Hashable, Sendable {
        /// Empty where a Service has one port without a name.
        package var name: String
        package var number: UInt16

        package init(name: String, number: UInt16) {
            self.name = name
            self.number = number
        }
    }

    package struct Endpoint: Hashable, Sendable {
        /// The first one only: "no semantics are defined for additional addresses beyond the first" (the API's
        /// documentation), and a Service's slices have one.
        package var address: IPAddress
        package var isReady: Bool
        /// What tells a pod's IPv4 and IPv6 addresses from those of two pods; nil for what is no object of the API.
        package var pod: String?
    }

    package var name: String
    package var resourceVersion: String
    package var endpoints: [Endpoint]
    /// Those of TCP that have a number.
    package var ports: [Port]

    package init(name: String, resourceVersion: String, endpoints: [Endpoint], ports: [Port]) {
        self.name = name
        self.resourceVersion = resourceVersion
        self.endpoints = endpoints
        self.ports = ports
    }
}

/// An answer of the API server that says nothing that can be used.
package struct MalformedAnswer: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ field: String, _ problem: String) { description = "bad answer: \(field) \(problem)" }

    init(_ error: JSONError) { description = "bad answer: \(error)" }
}

extension EndpointSlice {
    /// Strict about what is used, silent about everything else: the API grows.
    package init(_ json: JSONValue) throws(MalformedAnswer) {
        name = try json.text("metadata", "name")
        resourceVersion = try json.text("metadata", "resourceVersion")
        let family = try json.text("addressType")
        var ports: [Port] = []
        for port in try json.list("ports") {
            if let port = try Port(port) { ports.append(port) }
        }
        self.ports = ports
        guard family == "IPv4" || family == "IPv6" else {
            // FQDN is deprecated and never a pod's; a family that is still to come is nothing to connect to.
            endpoints = []
            return
        }
        var endpoints: [Endpoint] = []
        for endpoint in try json.list("endpoints") { endpoints.append(try Endpoint(endpoint, family: family)) }
        self.endpoints = endpoints
    }
}

extension EndpointSlice.Port {
    /// nil for another protocol, and for a port without a number, which stands for all.
    fileprivate init?(_ json: JSONValue) throws(MalformedAnswer) {
        let transport = try json.optionalText("protocol")
        guard transport == nil || transport == "TCP" else { return nil }
        guard let port = json["port"], !port.isNull else { return nil }
        guard let number = port.integer.flatMap(UInt16.init(exactly:)), number > 0 else {
            throw MalformedAnswer("a port of a slice", "is not a number from 1 to 65535")
        }
        self.number = number
        name = try json.optionalText("name") ?? ""
    }
}

extension EndpointSlice.Endpoint {
    fileprivate init(_ json: JSONValue, family: String) throws(MalformedAnswer) {
        guard let text = try json.list("addresses").first?.string, let address = IPAddress(text) else {
            throw MalformedAnswer("an endpoint", "has no address that is an \(family) address")
        }
        switch address {
        case .v4 where family == "IPv4", .v6 where family == "IPv6": self.address = address
        case .v4, .v6: throw MalformedAnswer("an endpoint's address \(address)", "is not \(family)")
        }
        let conditions = json["conditions"] ?? .null
        // "A nil value should be interpreted as true": unknown. A pod that is being ended counts as ready nevertheless
        // where the Service publishes addresses that are not.
        let isReady = try conditions.flag("ready") ?? true
        let isTerminating = try conditions.flag("terminating") ?? false
        self.isReady = isReady && !isTerminating
        let target = json["targetRef"] ?? .null
        let name = try target.optionalText("name")
        pod = try target.optionalText("uid") ?? name
    }
}

extension JSONValue {
    /// The text at the end of the path, which must be there and not empty.
    func text(_ path: String...) throws(MalformedAnswer) -> String {
        var value: JSONValue? = self
        for key in path { value = value?[key] }
        guard let text = value?.string, !text.isEmpty else {
            throw MalformedAnswer(path.joined(separator: "."), "is missing, or no text")
        }
        return text
    }

    /// nil if it is missing or null.
    func optionalText(_ key: String) throws(MalformedAnswer) -> String? {
        guard let value = self[key], !value.isNull else { return nil }
        guard let text = value.string else { throw MalformedAnswer(key, "is \(value.kind); expected a text") }
        return text
    }

    /// nil if it is missing or null.
    func flag(_ key: String) throws(MalformedAnswer) -> Bool? {
        guard let value = self[key], !value.isNull else { return nil }
        guard let flag = value.bool else { throw MalformedAnswer(key, "is \(value.kind); expected true or false") }
        return flag
    }

    /// Empty if it is missing or null, which is how Go writes an empty list.
    func list(_ key: String) throws(MalformedAnswer) -> [JSONValue] {
        guard let value = self[key], !value.isNull else { return [] }
        guard let list = value.array else { throw MalformedAnswer(key, "is \(value.kind); expected an array") }
        return list
    }
}
