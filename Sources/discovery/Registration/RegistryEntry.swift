package import Addresses

/// What a pod is entered with.
package struct RegistryEntry: Hashable, Sendable {
    /// The name under which callers look for it.
    package let service: String
    /// Tells it from the others of that name: the pod's own name.
    package let instance: String
    package let address: SocketAddress
    /// What is not renewed for so long goes by itself.
    package let timeToLive: Duration

    package init(service: String, instance: String, address: SocketAddress, timeToLive: Duration) {
        self.service = service
        self.instance = instance
        self.address = address
        self.timeToLive = timeToLive
    }

    /// Whether `name` may stand for a service or an instance in every registry: it becomes a part of paths and of names.
    package static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 253
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
