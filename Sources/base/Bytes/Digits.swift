/// What a byte is as a character. Bytes beyond ASCII are none of these, whatever Unicode makes of them.
extension UInt8 {
    /// 0–9
    @inlinable
    package var isASCIIDigit: Bool { (0x30...0x39).contains(self) }

    /// 0–9, a–f and A–F
    package var isASCIIHexDigit: Bool { Hexadecimal.value(self) != nil }

    /// a–z and A–Z
    @inlinable
    package var isASCIILetter: Bool { (0x61...0x7A).contains(self | 0x20) }
}

/// Decimal digits as ASCII bytes.
package enum Decimal {
    /// The number that is written in digits and nothing else: no sign, no blanks. nil for other text, no text, and what
    /// does not fit.
    @inlinable
    package static func number(_ text: Span<UInt8>) -> Int? {
        if text.isEmpty { return nil }
        var number = 0
        for index in text.indices {
            guard text[index].isASCIIDigit else { return nil }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(Int(text[index] - 0x30))
            if overflow || carried { return nil }
            number = sum
        }
        return number
    }
}

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
