package import Addresses

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
