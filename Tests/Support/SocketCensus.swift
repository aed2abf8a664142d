package import Addresses
import Glibc

/// Looks for descriptors that a test should have closed.
package enum SocketCensus {
    /// Tests that run at the same time have more than a thousand sockets open together, and have pushed one beyond that.
    private static let highest: Int32 = 16_384

    /// How many sockets of this process are bound or connected to an address. Tests use an address of their own each,
    /// so others that run at the same time do not matter.
    package static func count(at address: SocketAddress) -> Int {
        (Int32(0)..<highest).reduce(0) { count, descriptor in
            let isOne =
                unsafe name(descriptor, getsockname) == address || name(descriptor, getpeername) == address
            return count + (isOne ? 1 : 0)
        }
    }

    private static func name(
        _ descriptor: Int32, _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var raw = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &raw) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call(descriptor, $0, &length) }
        }
        guard result == 0, raw.sin_family == sa_family_t(AF_INET) else { return nil }
        return .ip(.v4(UInt32(bigEndian: raw.sin_addr.s_addr)), port: UInt16(bigEndian: raw.sin_port))
    }
}
