import Addresses
import CCares
import Glibc

/// c-ares as a whole: initialisation, and its C structures and codes as Swift values.
enum AresLibrary {
    /// Once in the process, as c-ares demands; Swift runs a static initialiser exactly once, whatever the thread.
    private static let startStatus = ares_library_init(ARES_LIB_INIT_ALL)

    static func start() throws(DNSError) {
        guard startStatus == ARES_SUCCESS else { throw failure("c-ares cannot start", startStatus) }
        // Without it c-ares falls back to rand() with a fixed seed, and anyone could guess query ids and forge answers.
        guard unsafe access("/dev/urandom", R_OK) == 0 else {
            throw DNSError(host: "", servers: "", reason: .other("/dev/urandom cannot be read; query ids need it"))
        }
    }

    static func failure(_ what: String, _ status: Int32) -> DNSError {
        DNSError(host: "", servers: "", reason: .other("\(what): \(text(of: status))"))
    }

    private static func text(of status: Int32) -> String {
        unsafe ares_strerror(status).map { unsafe String(cString: $0) } ?? "c-ares error \(status)"
    }

    static func outcome(_ status: Int32, _ result: UnsafeMutablePointer<ares_addrinfo>?) -> AnswerAssembly.Outcome {
        guard status == ARES_SUCCESS else { return outcome(ofFailure: status) }
        guard let result = unsafe result else { return .noData }
        var addresses: [IPAddress] = []
        var timeToLive = Int32.max
        var node = unsafe result.pointee.nodes
        while let current = unsafe node {
            if let address = unsafe address(of: current.pointee) { addresses.append(address) }
            unsafe timeToLive = min(timeToLive, current.pointee.ai_ttl)
            unsafe node = current.pointee.ai_next
        }
        // An alias's own time to live is only here.
        var alias = unsafe result.pointee.cnames
        while let current = unsafe alias {
            unsafe timeToLive = min(timeToLive, current.pointee.ttl)
            unsafe alias = current.pointee.next
        }
        // An alias that leads to no address of this family is a success without nodes.
        return addresses.isEmpty ? .noData : .addresses(addresses, timeToLive: .seconds(max(timeToLive, 0)))
    }

    private static func outcome(ofFailure status: Int32) -> AnswerAssembly.Outcome {
        switch status {
        case ARES_ENODATA: .noData
        case ARES_ENOTFOUND: .failed(.nameNotFound)
        case ARES_ETIMEOUT: .failed(.timedOut)
        case ARES_ECONNREFUSED: .failed(.connectionRefused)
        case ARES_ESERVFAIL: .failed(.serverFailure)
        case ARES_EREFUSED: .failed(.queryRefused)
        case ARES_EBADNAME: .failed(.malformedName)
        case ARES_EBADRESP, ARES_EFORMERR: .failed(.malformedResponse)
        default: .failed(.other(text(of: status)))
        }
    }

    private static func address(of node: ares_addrinfo_node) -> IPAddress? {
        guard let raw = unsafe UnsafeRawPointer(node.ai_addr) else { return nil }
        switch unsafe (node.ai_family, Int(node.ai_addrlen)) {
        case (AF_INET, MemoryLayout<sockaddr_in>.size...):
            return .v4(UInt32(bigEndian: unsafe raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case (AF_INET6, MemoryLayout<sockaddr_in6>.size...):
            // sin6_addr lies behind family, port and flow information: 8 bytes.
            return .v6(UInt128(bigEndian: unsafe raw.loadUnaligned(fromByteOffset: 8, as: UInt128.self)))
        default:
            return nil
        }
    }

    static func addresses(of servers: UnsafeMutablePointer<ares_addr_port_node>?) -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        var node = unsafe servers
        while let current = unsafe node {
            var server = unsafe current.pointee
            let ip: IPAddress = unsafe withUnsafeBytes(of: &server.addr) { raw in
                unsafe server.family == AF_INET
                    ? .v4(UInt32(bigEndian: unsafe raw.loadUnaligned(as: UInt32.self)))
                    : .v6(UInt128(bigEndian: unsafe raw.loadUnaligned(as: UInt128.self)))
            }
            // c-ares reports 0 for the default.
            let port = unsafe server.udp_port == 0 ? 53 : UInt16(truncatingIfNeeded: server.udp_port)
            addresses.append(.ip(ip, port: port))
            unsafe node = current.pointee.next
        }
        return addresses
    }
}
