import Bytes

/// An IPv4 or IPv6 address, in host byte order.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt128)

    /// Parses a literal: four decimal octets without leading zeros, or RFC 4291 text (no zone, no embedded IPv4
    /// beyond the last 32 bits).
    package init?(_ text: String) {
        if let address = IPAddress.parseV4(Substring(text)) {
            self = .v4(address)
        } else if let address = IPAddress.parseV6(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    private static func parseV4(_ text: Substring) -> UInt32? {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        guard octets.count == 4 else { return nil }
        var address: UInt32 = 0
        for octet in octets {
            guard octet.utf8.count == 1 || (octet.utf8.count <= 3 && !octet.hasPrefix("0")),
                let number = Decimal.number(octet.utf8.span), let value = UInt8(exactly: number)
            else { return nil }
            address = address << 8 | UInt32(value)
        }
        return address
    }

    private static func parseV6(_ text: String) -> UInt128? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard text.contains(":"), halves.count <= 2, let head = groups(halves[0], endsText: halves.count == 1) else {
            return nil
        }
        guard halves.count == 2 else { return head.count == 8 ? join(head) : nil }
        guard let tail = groups(halves[1], endsText: true), head.count + tail.count < 8 else { return nil }
        return join(head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// `endsText` says that the last part may be an embedded IPv4 address (RFC 4291 section 2.2).
    private static func groups(_ text: Substring, endsText: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if endsText, index == parts.count - 1, let embedded = parseV4(part) {
                groups += [UInt16(embedded >> 16), UInt16(embedded & 0xffff)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isASCIIHexDigit),
                let value = UInt16(part, radix: 16)
            else { return nil }
            groups.append(value)
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func join(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or RFC 5952: lower case, the longest run of two or more zero groups as `::`.
    /// Appends `description`.
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .v4(let address):
            for octet in 0..<4 as Range<UInt32> {
                if octet > 0 { bytes.append(UInt8(ascii: ".")) }
                Decimal.append(UInt64(address >> (24 - 8 * octet) & 0xff), to: &bytes)
            }
        case .v6: bytes.append(contentsOf: description.utf8)
        }
    }

    package var description: String {
        switch self {
        case .v4:
            var text: [UInt8] = []
            append(to: &text)
            return String(decoding: text, as: UTF8.self)
        case .v6(let address):
            let groups = (0..<8).map { UInt16(truncatingIfNeeded: address >> (112 - 16 * UInt128($0))) }
            let zeros = IPAddress.longestZeroRun(groups)
            let text = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
            guard let zeros else { return text(groups[...]) }
            return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
        }
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start >= 2, end - start > (longest?.count ?? 0) { longest = start..<end }
            start = end + 1
        }
        return longest
    }
}
