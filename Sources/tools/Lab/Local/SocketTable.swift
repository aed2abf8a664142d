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
        // Nearly all lines are of closed connections: those are only skipped.
        var start = 0
        while let end = table[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = table[start..<end]
            start = end + 1
            // After the number of the line: the own end, the other one, the state.
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon + stateColumn + 1 < end,
                line[colon + stateColumn] == UInt8(ascii: "0"), line[colon + stateColumn + 1] == UInt8(ascii: "1")
            else { continue }
            if wanted.contains(String(decoding: line[(colon + 2)..<(colon + 15)], as: UTF8.self)) { count += 1 }
        }
        return count
    }

    /// From the first colon: ` 0301057F:1F90 0100007F:C350 01`.
    private static let stateColumn = 30

    private static func key(_ end: SocketAddress) -> String? {
        guard case .v4(let address)? = end.ip, let port = end.port else { return nil }
        return hexadecimal(UInt64(UInt32(bigEndian: address)), digits: 8) + ":" + hexadecimal(UInt64(port), digits: 4)
    }

    private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
