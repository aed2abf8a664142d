import Synchronization

/// Numbers for what a process can be asked about (gRFC A14): channels, subchannels, servers, connections. No two have the
/// same one, and a later one is greater.
package enum EntityNumber {
    private static let last = Atomic<Int>(0)

    /// Taken once for each, and by no call.
    package static func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
