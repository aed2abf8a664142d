package import Addresses
package import Timing

/// What a name server said last, and for how long it is believed. Pure.
package struct AddressMemory {
    /// For at least this long, whatever the time to live says and however badly the addresses do: neither a name server
    /// that answers with zero nor a backend that is down must cost every request a look-up.
    package static let shortest = Duration.seconds(1)
    package static let longest = Duration.seconds(30)

    private var known: (addresses: [IPAddress], learned: Instant, until: Instant)?

    package init() {}

    /// nil when it is time to ask.
    package func addresses(at now: Instant) -> [IPAddress]? {
        guard let known, now < known.until else { return nil }
        return known.addresses
    }

    package mutating func learn(_ addresses: [IPAddress], timeToLive: Duration?, at now: Instant) {
        let time = min(max(timeToLive ?? .zero, AddressMemory.shortest), AddressMemory.longest)
        known = (addresses, now, now + time)
    }

    /// The addresses may be out of date: nobody answers there.
    package mutating func doubt() {
        known = known.map { ($0.addresses, $0.learned, $0.learned + AddressMemory.shortest) }
    }
}
