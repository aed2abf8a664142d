package import Addresses
import Glibc

/// An address of 127.0.0.0/8 that nobody else has: one of some 800 million, with a port below the range that the kernel
/// hands out by itself (32768). Trying it out by binding would do harm: a child that is just being started holds a copy
/// of the socket for a moment, and the address would be taken when the test wants it.
package func freeLoopbackAddress() -> SocketAddress {
    let host = IPAddress.v4(127 << 24 | 77 << 16 | UInt32.random(in: 1...65534))
    return .ip(host, port: UInt16.random(in: 20000...32767))
}

/// A non-blocking UDP socket bound to an IPv4 address, or nil if that is taken.
package func openUDP(on address: SocketAddress) -> Int32? {
    guard case .ip(.v4(let host), let port) = address else { return nil }
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_port = port.bigEndian
    raw.sin_addr = in_addr(s_addr: host.bigEndian)
    let bound = unsafe withUnsafePointer(to: &raw) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    if bound == 0 { return descriptor }
    close(descriptor)
    return nil
}

/// `close` for tests that do not import Glibc.
package func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
