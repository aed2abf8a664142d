/// Where the pods of a service are in etcd: `/<service>/<instance>`.
struct EtcdKey: Hashable, Sendable {
    /// Of all its keys: `/<service>/`.
    let prefix: [UInt8]

    init(service: String) { prefix = Array("/\(service)/".utf8) }

    /// What follows all of them: etcd's range has an end.
    var end: [UInt8] {
        // The prefix ends in a slash.
        prefix.dropLast() + [UInt8(ascii: "/") + 1]
    }

    func of(_ instance: String) -> [UInt8] { prefix + Array(instance.utf8) }

    /// nil for a key of something else.
    func instance(of key: [UInt8]) -> String? {
        key.starts(with: prefix) ? String(decoding: key.dropFirst(prefix.count), as: UTF8.self) : nil
    }
}
