package import Addresses

/// The addresses of a name.
package struct DNSAnswer: Hashable, Sendable {
    /// IPv4 first, each family in the order of the answer; never empty, without duplicates.
    package var addresses: [IPAddress]
    /// The smallest of all records that led here, aliases included; zero from a hosts file, nil for a literal.
    package var timeToLive: Duration?
    /// False while one family's answer is still missing.
    package var isComplete: Bool

    package init(addresses: [IPAddress], timeToLive: Duration?, isComplete: Bool = true) {
        self.addresses = addresses
        self.timeToLive = timeToLive
        self.isComplete = isComplete
    }
}
