package import Addresses
package import System

/// The TCP connections of this machine, as the kernel lists them in `/proc/net/tcp`.
package enum SocketTable {
    /// One that is closed stays for a minute in TIME_WAIT: at some hundred requests a second, these are most lines.
    private static let limit = 64 << 20

    /// How many connections are established whose one end is one of these addresses and ports.
    package static func established(at ends: Set<SocketAddress>) throws(SystemError) -> Int {
        count(try FileSystem.read("/proc/net/tcp", limit: limit), at: ends)
    }

    /// Pure. A line: `   0: 0100007F:1F90 0200007F:C350 01 …`, the addresses as numbers of this machine's byte order.
    package static func count(_ table: [UInt8], at ends: Set<SocketAddress>) -> Int {
        let wanted = Set(ends.compactMap(key))
        var count = 0
        for line in table.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 4, omittingEmptySubsequences: true)
            guard fields.count > 3, fields[3].elementsEqual("01".utf8) else { continue }
            if wanted.contains(String(decoding: fields[1], as: UTF8.self)) { count += 1 }
        }
        return count
    }

    private static func key(_ end: SocketAddress) -> String? {
        guard case .v4(let address)? = end.ip, let port = end.port else { return nil }
        return hexadecimal(UInt64(UInt32(bigEndian: address)), digits: 8) + ":" + hexadecimal(UInt64(port), digits: 4)
    }

    private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
