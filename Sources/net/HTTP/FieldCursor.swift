import Bytes

/// Reads a field value from left to right.
struct FieldCursor {
    private let bytes: [UInt8]
    private var position = 0

    init(_ value: String) {
        bytes = Array(value.utf8)
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }
    var isAtEnd: Bool { position == bytes.count }

    /// Takes `byte` if it is the next one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Takes all of `text`, in exactly this spelling, or nothing.
    mutating func take(_ text: String) -> Bool {
        let expected = text.utf8
        guard bytes.count - position >= expected.count, bytes[position...].starts(with: expected) else { return false }
        position += expected.count
        return true
    }

    mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let byte = next, isWanted(byte) { position += 1 }
        return bytes[start..<position]
    }

    mutating func passBlanks() {
        while let byte = next, HTTP1Syntax.isBlank(byte) { position += 1 }
    }

    /// The blanks and commas between the members of a list; empty members are none (RFC 9110 section 5.6.1.2).
    mutating func passToMember() {
        while let byte = next, HTTP1Syntax.isBlank(byte) || byte == UInt8(ascii: ",") { position += 1 }
    }

    /// A number of exactly this many digits.
    mutating func takeDigits(_ count: Int) -> Int? {
        guard bytes.count - position >= count else { return nil }
        var value = 0
        for digit in bytes[position..<position + count] {
            guard digit.isASCIIDigit else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        position += count
        return value
    }
}
