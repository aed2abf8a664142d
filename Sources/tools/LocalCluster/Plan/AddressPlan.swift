package import Addresses

/// Who has which loopback address. Linux gives this machine all of 127.0.0.0/8, so each system takes a network
/// 127.N.0.0/16 for itself, and nothing needs to be configured:
///
///     127.N.0.1        a claim on the network: whoever listens there has it
///     127.N.0.6        the fake of Kubernetes' API, if there is to be one
///     127.N.0.53       DNS
///     127.N.0.54       a cache before it, if there is to be one
///     127.N.0.10 …     virtual addresses of Services
///     127.N.1.1 …      pods
package struct AddressPlan: Equatable, Sendable {
    package static let networks: ClosedRange<UInt8> = 16...239
    package static let infrastructurePort: UInt16 = 5353
    package static let apiPort: UInt16 = 6443
    private static let firstVirtualHost: UInt8 = 10

    package let network: UInt8

    package init(network: UInt8) {
        self.network = network
    }

    package var claim: SocketAddress { .ip(address(0, 1), port: AddressPlan.infrastructurePort) }
    /// The API server's usual port.
    package var apiServer: SocketAddress { .ip(address(0, 6), port: AddressPlan.apiPort) }
    package var dns: SocketAddress { .ip(address(0, 53), port: AddressPlan.infrastructurePort) }
    package var dnsCache: SocketAddress { .ip(address(0, 54), port: AddressPlan.infrastructurePort) }

    package func virtualAddress(index: UInt8) -> IPAddress {
        address(0, AddressPlan.firstVirtualHost &+ index)
    }

    package func podAddress(number: UInt8) -> IPAddress { address(1, number) }

    private func address(_ third: UInt8, _ fourth: UInt8) -> IPAddress {
        .v4(0x7f00_0000 | UInt32(network) << 16 | UInt32(third) << 8 | UInt32(fourth))
    }

    /// Every plan, beginning with the one that the name prefers: a system usually has the same addresses when it is
    /// started again, and another's are usually different.
    package static func candidates(for name: String) -> [AddressPlan] {
        let count = UInt64(networks.count)
        let start = StableHash.of(name) % count
        return (0..<count).map { AddressPlan(network: networks.lowerBound + UInt8((start + $0) % count)) }
    }
}

/// Hands out pod addresses in turn, so that a pod's successor has another address than it had: as in a cluster, a client
/// that keeps an old address finds nobody there.
package struct PodAddresses: Equatable, Sendable {
    private let plan: AddressPlan
    private var inUse: Set<UInt8> = []
    private var last: UInt8 = 0

    package init(_ plan: AddressPlan) {
        self.plan = plan
    }

    /// nil when all 254 are in use.
    package mutating func take() -> IPAddress? {
        for step in 1...254 {
            let number = UInt8((Int(last) + step - 1) % 254 + 1)
            guard inUse.insert(number).inserted else { continue }
            last = number
            return plan.podAddress(number: number)
        }
        return nil
    }

    package mutating func giveBack(_ address: IPAddress) {
        if case .v4(let value) = address { inUse.remove(UInt8(value & 0xff)) }
    }
}
