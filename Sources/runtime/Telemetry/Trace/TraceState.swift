import Bytes

/// The field `tracestate`: what each vendor of tracing adds for itself, newest first (W3C Trace Context, section 3.3).
package enum TraceState {
    /// What every service passes on at least (section 3.3.1.5), and this one at most: it becomes metadata of gRPC calls,
    /// whose servers take 8 KiB of fields and more.
    package static let limit = 512
    /// Longer members go first.
    private static let longMember = 128
    /// Section 3.3.1.1.
    private static let mostMembers = 32
    /// Of a key, and of a value (sections 3.3.1.3.1 and 3.3.1.3.2).
    private static let longestPart = 256

    /// The fields of one message, in order, as one: without the blanks around members and the empty ones, which stand for
    /// nothing, and no longer than `limit`. nil if nothing is left, and if there are more than 32 members or one that is
    /// none: a whole that cannot be parsed may be discarded (section 4.3), and as W3C's own test suite expects it, is.
    package static func read(_ fields: [String]) -> String? {
        var members: [Substring] = []
        for field in fields {
            for part in field.utf8.split(separator: UInt8(ascii: ",")) {
                let member = trimmed(part)
                if member.isEmpty { continue }
                guard members.count < mostMembers, isMember(member) else { return nil }
                members.append(Substring(member))
            }
        }
        cut(&members)
        return members.isEmpty ? nil : members.joined(separator: ",")
    }

    /// Takes whole members out until the rest fits: long ones first, then others, the last ones first.
    private static func cut(_ members: inout [Substring]) {
        var length = members.reduce(-1) { $0 + $1.utf8.count + 1 }
        for isLong in [true, false] {
            for index in members.indices.reversed() where length > limit {
                let size = members[index].utf8.count
                guard size > longMember || !isLong else { continue }
                members.remove(at: index)
                // With its comma.
                length -= size + 1
            }
        }
    }

    /// Without spaces and tabs at both ends.
    private static func trimmed(_ part: Substring.UTF8View) -> Substring.UTF8View {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var part = part.drop(while: isBlank)
        while let last = part.last, isBlank(last) { part = part.dropLast() }
        return part
    }

    /// `key=value`, as level 2 has it: it allows a few keys more than level 1.
    private static func isMember(_ member: Substring.UTF8View) -> Bool {
        guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let key = member[..<equals]
        let value = member[member.index(after: equals)...]
        guard let first = key.first, first.isASCIIDigit || isLowerCaseLetter(first) else { return false }
        return key.count <= longestPart && (1...longestPart).contains(value.count)
            && key.allSatisfy { byte in
                byte.isASCIIDigit || isLowerCaseLetter(byte) || otherKeyBytes.contains(byte)
            }
            && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }

    private static let otherKeyBytes = "_-*/@".utf8.map { $0 }

    private static func isLowerCaseLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
