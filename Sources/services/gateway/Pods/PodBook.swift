package import Addresses
import Bytes
package import RPCCore

/// Who is at which address, as the pods themselves say in every answer (`x-pod-ip`, `x-pod-name`): so an address from DNS
/// and a name from an answer are known as one pod, whatever stands between, a virtual address or a proxy. Pure.
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

    private struct Entry {
        let ip: IPAddress
        let name: String
        let trouble: String?
        /// Of what the answer said.
        let fingerprint: UInt64
    }

    /// By the hash of the address as it was written.
    private var entries: [UInt64: Entry] = [:]
    /// The keys, in the order in which they came.
    private var order: [UInt64] = []

    package init() {}

    package var names: [IPAddress: String] {
        Dictionary(order.compactMap { entries[$0].map { ($0.ip, $0.name) } }, uniquingKeysWith: { $1 })
    }

    /// Of those pods that said in their last answer that they make trouble on purpose (`x-trouble`), what trouble.
    package var troubles: [IPAddress: String] {
        Dictionary(
            entries.values.compactMap { entry in entry.trouble.map { (entry.ip, $0) } }, uniquingKeysWith: { $1 })
    }

    /// For what is rare.
    package func name(of ip: IPAddress) -> String? {
        order.last { entries[$0]?.ip == ip }.flatMap { entries[$0]?.name }
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
        guard let ip = metadata["x-pod-ip"].flatMap(IPAddress.init), let name = metadata["x-pod-name"],
            !name.isEmpty, name.utf8.count <= PodBook.longestName, name.utf8.span.isPrintableASCII
        else { return }
        if entries[key] == nil {
            if order.count == PodBook.limit { entries[order.removeFirst()] = nil }
            order.append(key)
        }
        let trouble = metadata["x-trouble"].flatMap {
            $0.utf8.count <= PodBook.longestTrouble && $0.utf8.span.isPrintableASCII ? $0 : nil
        }
        entries[key] = Entry(ip: ip, name: name, trouble: trouble, fingerprint: fingerprint)
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
