package import Addresses

/// One server as a resolver names it: the addresses at which it can be reached, the best one first.
///
/// A resolver makes one endpoint per server, never one endpoint with the addresses of many: policies spread calls over
/// endpoints, and connect to only one address of each (gRFC A61).
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package let address: SocketAddress
    /// Where else the same server is, if it has more than one address.
    package let alternatives: [SocketAddress]
    package var attributes: Attributes

    package init(_ address: SocketAddress, alternatives: [SocketAddress] = [], attributes: Attributes = Attributes()) {
        self.address = address
        self.alternatives = alternatives
        self.attributes = attributes
    }

    package var addresses: [SocketAddress] { [address] + alternatives }

    /// What makes two mentions the same server: the addresses, in whatever order. Attributes may change.
    package var identity: Set<SocketAddress> { Set(addresses) }

    package var description: String { addresses.map(\.description).joined(separator: "+") }
}
