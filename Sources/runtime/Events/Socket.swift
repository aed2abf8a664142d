import Addresses
import CLinux
import Glibc
import System

/// Socket calls with Swift types: every failure is a `SystemError`.
enum Socket {
    /// A bound and listening socket, non-blocking. Unix paths are created with mode 0600; a stale one is the caller's
    /// to remove. `[::]` takes IPv4 as well, and stands for 0.0.0.0 where the kernel has no IPv6.
    static func listen(on address: SocketAddress, backlog: Int32) throws(SystemError) -> Int32 {
        if case .ip(.v6(0), let port) = address, !hasIPv6 {
            return try listen(on: .ip(.v4(0), port: port), backlog: backlog)
        }
        let descriptor = try open(for: address)
        do throws(SystemError) {
            set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            // Whatever net.ipv6.bindv6only says.
            if case .ip(.v6(0), _) = address, set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) < 0 {
                throw SystemError.last("listen on \(address) for IPv4 as well")
            }
            let bound = unsafe withSockaddr(address) { unsafe bind(descriptor, $0, $1) }
            if bound < 0 { throw SystemError.last("listen on \(address)") }
            if case .unix(let path) = address { unsafe _ = chmod(path, 0o600) }
            if Glibc.listen(descriptor, backlog) < 0 { throw SystemError.last("listen on \(address)") }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Not with `ipv6.disable=1` on the kernel's command line.
    private static var hasIPv6: Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { return errno != EAFNOSUPPORT }
        close(descriptor)
        return true
    }

    /// A socket whose connection is under way or complete; writable tells the outcome.
    static func connect(to address: SocketAddress) throws(SystemError) -> Int32 {
        let descriptor = try open(for: address)
        setNoDelay(descriptor)
        let result = unsafe withSockaddr(address) { unsafe Glibc.connect(descriptor, $0, $1) }
        if result < 0, errno != EINPROGRESS {
            let error = SystemError.last("connect to \(address)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// The outcome of `connect`, read once the socket is writable; 0 is success.
    static func takeError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) < 0 ? errno : code
    }

    /// Output is batched by the loop already, so Nagle's algorithm would only add delay.
    static func setNoDelay(_ descriptor: Int32) {
        // Fails on unix sockets, which have no delay to switch off.
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    /// Makes `close` send RST instead of FIN and drop unsent data.
    static func setAbortOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
        }
        return result < 0 ? nil : address(from: storage)
    }

    /// nil for an unnamed unix peer. An IPv4 address is one also where a socket of both families has it as
    /// `::ffff:192.0.2.1` (RFC 4291 section 2.5.5.2).
    static func address(from storage: sockaddr_storage) -> SocketAddress? {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            return unsafe withUnsafeBytes(of: &storage) {
                let raw = unsafe $0.loadUnaligned(as: sockaddr_in.self)
                return .ip(.v4(UInt32(bigEndian: raw.sin_addr.s_addr)), port: UInt16(bigEndian: raw.sin_port))
            }
        case AF_INET6:
            return unsafe withUnsafeBytes(of: &storage) {
                let port = unsafe $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
                let address = unsafe $0.loadUnaligned(fromByteOffset: 8, as: UInt128.self)
                let number = UInt128(bigEndian: address)
                let ip = number >> 32 == 0xFFFF ? IPAddress.v4(UInt32(truncatingIfNeeded: number)) : .v6(number)
                return .ip(ip, port: UInt16(bigEndian: port))
            }
        default:
            return nil
        }
    }

    private static func open(for address: SocketAddress) throws(SystemError) -> Int32 {
        let family: Int32 =
            switch address {
            case .ip(.v4, _): AF_INET
            case .ip(.v6, _): AF_INET6
            case .unix, .unixAbstract: AF_UNIX
            case .host:
                throw SystemError("socket for \(address)", code: EAFNOSUPPORT, explanation: "nobody has looked it up")
            }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        if descriptor < 0 { throw SystemError.last("socket for \(address)") }
        return descriptor
    }

    /// What setsockopt(2) answers.
    @discardableResult
    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) -> Int32 {
        var value = value
        return unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withSockaddr(
        _ address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        switch address {
        case .ip(.v4(let ip), let port):
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = port.bigEndian
            raw.sin_addr = in_addr(s_addr: ip.bigEndian)
            return unsafe call(&raw, body)
        case .ip(.v6(let ip), let port):
            var raw = sockaddr_in6()
            raw.sin6_family = sa_family_t(AF_INET6)
            raw.sin6_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &raw.sin6_addr) {
                unsafe $0.storeBytes(of: ip.bigEndian, as: UInt128.self)
            }
            return unsafe call(&raw, body)
        case .unix(let path):
            var raw = sockaddr_un()
            if unsafe clinux_unix_address(&raw, path) < 0 {
                errno = ENAMETOOLONG
                return -1
            }
            return unsafe call(&raw, body)
        case .unixAbstract(let name):
            var raw = sockaddr_un()
            let length = unsafe clinux_abstract_address(&raw, name)
            if length == 0 {
                errno = ENAMETOOLONG
                return -1
            }
            return unsafe call(&raw, length: length, body)
        case .host:
            errno = EAFNOSUPPORT
            return -1
        }
    }

    private static func call<Raw>(
        _ raw: inout Raw, length: Int = MemoryLayout<Raw>.size,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        unsafe withUnsafePointer(to: &raw) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }
}
