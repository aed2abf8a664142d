import Addresses
import EtcdAPI
import LoadBalancing

/// The pods of a service by their keys: what was read, and what events have changed since. Bounded, because etcd is shared.
struct EtcdMembers: Hashable, Sendable {
    private enum Member: Hashable {
        case endpoint(Endpoint)
        /// What the value is, shortened.
        case bad(String)
    }

    /// A gateway connects to every pod, so this is far more than it could use.
    static let most = 10_000
    /// Of a bad value, in a message.
    private static let longestExcerpt = 60

    private let key: EtcdKey
    private var members: [[UInt8]: Member] = [:]
    /// Keys for which there was no room.
    private var leftOut = 0

    init(_ key: EtcdKey) {
        self.key = key
    }

    mutating func put(_ pair: KeyValue) {
        guard pair.key.starts(with: key.prefix) else { return }
        guard members[pair.key] != nil || members.count < EtcdMembers.most else { return leftOut += 1 }
        members[pair.key] = EtcdMembers.member(pair.value)
    }

    mutating func delete(_ key: [UInt8]) {
        members[key] = nil
    }

    private static func member(_ value: [UInt8]) -> Member {
        // The longest address of IPv6 with brackets and port has 47 bytes.
        let text = String(decoding: value.prefix(longestExcerpt), as: UTF8.self)
        guard value.count <= longestExcerpt, let address = SocketAddress(text), !text.hasPrefix(":"),
            case .ip(_, let port) = address, port > 0
        else { return .bad(text + (value.count > longestExcerpt ? "…" : "")) }
        return .endpoint(Endpoint(address))
    }

    /// In the order of their keys. Two keys with the same address, as a pod's and its dead predecessor's, are one endpoint.
    var endpoints: [Endpoint] {
        var seen: Set<Endpoint> = []
        return sorted.compactMap { _, member in
            guard case .endpoint(let endpoint) = member, seen.insert(endpoint).inserted else { return nil }
            return endpoint
        }
    }

    /// What of it cannot be used, for people; nil if all can.
    var problem: String? {
        let bad: [String] = sorted.compactMap { name, member in
            guard case .bad(let text) = member else { return nil }
            return "\(String(decoding: name, as: UTF8.self)) is \"\(text)\", not an address such as 10.1.2.3:8080"
        }
        var problems: [String] = []
        if let first = bad.first { problems.append(first + (bad.count > 1 ? ", and \(bad.count - 1) more such" : "")) }
        if leftOut > 0 { problems.append("there are more than \(EtcdMembers.most) keys; \(leftOut) were left out") }
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }

    private var sorted: [(key: [UInt8], value: Member)] {
        members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// Those of `older` that these do not have.
    mutating func add(missingFrom older: EtcdMembers) {
        for (key, member) in older.members where members[key] == nil && members.count < EtcdMembers.most {
            members[key] = member
        }
    }
}
