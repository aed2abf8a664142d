package import Addresses

/// One server as a resolver names it.
///
/// A resolver makes one endpoint per server, never one endpoint with the addresses of many: policies spread calls over
/// endpoints, and connect to only one address of each.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package let address: SocketAddress

    package init(_ address: SocketAddress) {
        self.address = address
    }

    var isIPv6: Bool {
        if case .ip(.v6, _) = address { true } else { false }
    }

    package var description: String { address.description }
}
