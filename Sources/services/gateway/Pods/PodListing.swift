package import Addresses
package import Timing

/// Every pod behind the Service, the idle ones too, for `/go/channel`. Pure.
package struct PodListing: Equatable {
    package struct Pod: Equatable {
        package let address: String
        /// nil until the pod has answered a call of this gateway's.
        package let name: String?
        /// The source lists it. Without this it is only there because a connection to it is.
        package let isListed: Bool
        /// The channel's own resolver or a connection has it.
        package let isKnown: Bool
        package let isConnected: Bool
        /// What it was told to do to its callers, by its last answer; nil: nothing.
        package let trouble: Trouble?
    }

    package struct Trouble: Hashable, Sendable {
        package let told: String
        /// When it was heard first.
        package let since: Instant
    }

    /// By address.
    package let pods: [Pod]

    /// `listed` are the source's addresses; a pod leaves with them. `resolved` are those that the channel's own resolver has,
    /// `connected` those that it has a connection to: these are listed besides only if a pod has said that this is its
    /// address, because they may as well be a virtual one's, or a proxy's.
    package init(
        listed: [SocketAddress], resolved: [SocketAddress], connected: [SocketAddress], heard: [IPAddress: PodBook.Pod]
    ) {
        let listed = Set(listed.map(Place.init))
        let connected = Set(connected.map(Place.init))
        let known = connected.union(resolved.map(Place.init))
        let ownUp = connected.filter { place in place.ip.map { heard[$0] != nil } ?? false }
        pods = listed.union(ownUp).sorted().map { place in
            let pod = place.ip.flatMap { heard[$0] }
            return Pod(
                address: place.description, name: pod?.name, isListed: listed.contains(place),
                isKnown: known.contains(place), isConnected: connected.contains(place),
                trouble: pod.flatMap { pod in pod.trouble.map { Trouble(told: $0, since: pod.since) } })
        }
    }
}

/// An address without its port: a pod is one, however many ports it has.
private enum Place: Hashable, Comparable {
    case v4(UInt32)
    case v6(UInt128)
    case other(String)

    init(_ address: SocketAddress) {
        switch address {
        case .ip(.v4(let bits), _): self = .v4(bits)
        case .ip(.v6(let bits), _): self = .v6(bits)
        case .unix, .unixAbstract: self = .other(address.description)
        case .host(let name, _): self = .other(name)
        }
    }

    var ip: IPAddress? {
        switch self {
        case .v4(let bits): .v4(bits)
        case .v6(let bits): .v6(bits)
        case .other: nil
        }
    }

    var description: String {
        switch self {
        case .v4, .v6: ip.map(\.description) ?? ""
        case .other(let name): name
        }
    }
}
