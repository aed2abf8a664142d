/// Hexadecimal digits as ASCII bytes.
package enum Hexadecimal {
    /// The value of a digit of either case, or nil.
    @inlinable
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    /// The upper-case digit of the low four bits.
    @inlinable
    package static func upperDigit(_ value: UInt8) -> UInt8 {
        let nibble = value & 0xf
        return nibble < 10 ? 0x30 + nibble : 0x41 + nibble - 10
    }

    /// The lower-case digit of the low four bits.
    @inlinable
    package static func lowerDigit(_ value: UInt8) -> UInt8 {
        let nibble = value & 0xf
        return nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
    }
}
