import System

/// The version of everything in this repository.
package enum ServiceVersion {
    package static let current = "0.1.0"
}

/// What a service says of itself.
package struct ServiceIdentity: Hashable, Sendable {
    package let name: String
    package let version: String
    /// The pod's name where there is one.
    package let hostname: String

    package init(name: String, version: String = ServiceVersion.current, hostname: String) {
        self.name = name
        self.version = version
        self.hostname = hostname
    }

    /// `podName` empty means the host's name.
    package init(name: String, podName: String) {
        self.init(name: name, hostname: podName.isEmpty ? ServiceIdentity.hostName : podName)
    }

    private static var hostName: String {
        let bytes = (try? FileSystem.read("/proc/sys/kernel/hostname", limit: 256)) ?? []
        return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    }
}
