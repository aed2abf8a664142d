package import Addresses
import Bytes
package import RPCCore
import System
package import Timing

/// Who is at which address, as the pods themselves say in every answer (`x-pod-ip`, `x-pod-name`): so an address from DNS
/// and a name from an answer are known as one pod, whatever stands between, a virtual address or a proxy. Pure, but for the
/// clock.
///
/// It is shown the heads that differ from the one before on their connection: through a proxy each answer may come from
/// another pod. One that says nothing new costs two hashes of some bytes and a look-up.
package struct PodBook {
    /// Pods; of more, those heard of first are forgotten. The bytes come from peers, and a Service of more is rare.
    package static let limit = 1000
    /// A pod's name is a DNS subdomain, which has no more (RFC 1123).
    private static let longestName = 253
    /// What a pod says of the trouble it makes on purpose: what it was told, in at most so many bytes.
    private static let longestTrouble = 100

    /// What is believed of one pod.
    package struct Pod: Hashable, Sendable {
        package let name: String
        /// What trouble it makes on purpose, as it said in its last answer (`x-trouble`).
        package let trouble: String?
        /// When it was first heard to say so.
        package let since: Instant

        package init(name: String, trouble: String?, since: Instant) {
            self.name = name
            self.trouble = trouble
            self.since = since
        }
    }

    private struct Entry {
        /// nil for what cannot be believed: that it cannot is remembered, or each such answer would be read anew.
        let pod: (ip: IPAddress, facts: Pod)?
        /// Of what the answer said.
        let fingerprint: UInt64
    }

    /// By the hash of the address as it was written.
    private var entries: [UInt64: Entry] = [:]
    /// The keys, in the order in which they came.
    private var order: [UInt64] = []

    private let clock: () -> Instant

    package init(clock: @escaping () -> Instant = { MonotonicClock.now }) {
        self.clock = clock
    }

    package var pods: [IPAddress: Pod] {
        Dictionary(order.compactMap { entries[$0]?.pod }, uniquingKeysWith: PodBook.newer)
    }

    /// Of several books: each hears a part of the answers, so who has heard of a change last is right.
    package static func merged(_ books: [[IPAddress: Pod]]) -> [IPAddress: Pod] {
        books.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: newer) }
    }

    private static func newer(_ one: Pod, _ other: Pod) -> Pod { one.since > other.since ? one : other }

    /// For what is rare.
    package func name(of ip: IPAddress) -> String? {
        order.last { entries[$0]?.pod?.ip == ip }.flatMap { entries[$0]?.pod?.facts.name }
    }

    /// What an answer began with.
    package mutating func learn(_ metadata: Metadata) {
        if metadata.isEmpty { return }
        var key = FNV()
        var fingerprint = FNV()
        metadata.forEach { name, value in
            if name.equals("x-pod-ip") {
                key.add(value)
            } else if name.equals("x-pod-name") || name.equals("x-trouble") {
                fingerprint.add(value)
            }
        }
        guard !key.isEmpty, !fingerprint.isEmpty, entries[key.hash]?.fingerprint != fingerprint.hash else { return }
        write(metadata, key.hash, fingerprint.hash)
    }

    private mutating func write(_ metadata: Metadata, _ key: UInt64, _ fingerprint: UInt64) {
        if entries[key] == nil {
            if order.count == PodBook.limit { entries[order.removeFirst()] = nil }
            order.append(key)
        }
        entries[key] = Entry(pod: pod(metadata), fingerprint: fingerprint)
    }

    private func pod(_ metadata: Metadata) -> (ip: IPAddress, facts: Pod)? {
        let now = clock()
        guard let ip = metadata["x-pod-ip"].flatMap(IPAddress.init), let name = metadata["x-pod-name"],
            !name.isEmpty, name.utf8.count <= PodBook.longestName, name.utf8.span.isPrintableASCII
        else { return nil }
        let trouble = metadata["x-trouble"].flatMap {
            $0.utf8.count <= PodBook.longestTrouble && $0.utf8.span.isPrintableASCII ? $0 : nil
        }
        return (ip, Pod(name: name, trouble: trouble, since: now))
    }
}

/// FNV-1a: short, and of a quality that is enough where a clash, which only a pod could make, does no harm but to its own name.
private struct FNV {
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private(set) var isEmpty = true

    mutating func add(_ bytes: Span<UInt8>) {
        isEmpty = false
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    }
}
