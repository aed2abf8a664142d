import Addresses
package import LoadBalancing

/// All slices of one Service, by name: it has one for every hundred pods, for each family, and for each set of ports.
package struct EndpointSliceSet: Hashable, Sendable {
    private var slices: [String: EndpointSlice] = [:]

    package init(_ slices: [EndpointSlice] = []) {
        for slice in slices { self.slices[slice.name] = slice }
    }

    package var count: Int { slices.count }

    package mutating func insert(_ slice: EndpointSlice) { slices[slice.name] = slice }

    package mutating func remove(_ name: String) { slices[name] = nil }

    /// The servers to call: ready, each pod once, in an order that only a change of the slices changes. While a pod moves
    /// from one slice to another it may be in both; ready in one of them is ready.
    package func endpoints(at port: ServiceReference.Port) -> [Endpoint] {
        var order: [String] = []
        var addresses: [String: [SocketAddress]] = [:]
        for slice in slices.values.sorted(by: { $0.name < $1.name }) {
            guard let number = slice.number(of: port) else { continue }
            for endpoint in slice.endpoints where endpoint.isReady {
                let address = SocketAddress.ip(endpoint.address, port: number)
                let key = endpoint.pod ?? "\(address)"
                if addresses[key] == nil { order.append(key) }
                if addresses[key]?.contains(address) != true { addresses[key, default: []].append(address) }
            }
        }
        var known: Set<Set<SocketAddress>> = []
        return order.compactMap { key in
            // IPv4 first: which family is the cluster's first one, slices do not say.
            guard let all = addresses[key]?.sorted(by: EndpointSliceSet.familyOrder), let first = all.first else {
                return nil
            }
            let endpoint = Endpoint(first, alternatives: Array(all.dropFirst()))
            return known.insert(endpoint.identity).inserted ? endpoint : nil
        }
    }

    private static func familyOrder(_ left: SocketAddress, _ right: SocketAddress) -> Bool {
        isV4(left) && !isV4(right)
    }

    private static func isV4(_ address: SocketAddress) -> Bool {
        if case .v4? = address.ip { true } else { false }
    }

    /// What keeps ready pods from being called; nil if nothing does.
    package func problem(with port: ServiceReference.Port) -> String? {
        let ready = slices.values.filter { slice in slice.endpoints.contains(where: \.isReady) }
        guard !ready.isEmpty, !ready.contains(where: { $0.number(of: port) != nil }) else { return nil }
        let ports = Set(ready.flatMap(\.ports).map { $0.name.isEmpty ? "\($0.number)" : "\($0.name) (\($0.number))" })
        let known = ports.isEmpty ? "none" : ports.sorted().joined(separator: ", ")
        return "the Service's pods have no TCP port \(port); they have: \(known)"
    }
}

extension EndpointSlice {
    fileprivate func number(of port: ServiceReference.Port) -> UInt16? {
        switch port {
        case .name(let name): ports.first { $0.name == name }?.number
        case .number(let number): ports.contains { $0.number == number } ? number : nil
        }
    }
}
