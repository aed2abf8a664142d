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

extension Decimal {
    /// Appends a number's digits, with zeros in front if they are fewer than `digits`.
    package static func append(_ number: UInt64, digits: Int = 1, to bytes: inout [UInt8]) {
        if number < 10, digits <= 1 { return bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number)) }
        // 64 bits have twenty at most.
        var text = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var start = text.count
        var rest = number
        repeat {
            start -= 1
            text[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        bytes.append(contentsOf: text.span.extracting(max(0, min(start, text.count - digits))..<text.count))
    }
}

/// Hexadecimal digits as ASCII bytes.
package enum Hexadecimal {
    /// Appends all sixteen digits of a number, in lower case.
    package static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: 16) { output in
            output.append(bigEndian: lowerDigits(UInt32(truncatingIfNeeded: number >> 32)))
            output.append(bigEndian: lowerDigits(UInt32(truncatingIfNeeded: number)))
        }
    }

    /// Eight digits at a time: one by one, the ids of a request took a twentieth of the gateway's instructions.
    private static func lowerDigits(_ number: UInt32) -> UInt64 {
        // Each half into its own half of the word, each byte into its own quarter, each digit into its own byte.
        let halves = UInt64(number & 0xFFFF_0000) << 16 | UInt64(number & 0xFFFF)
        let bytes = (halves & 0x0000_FF00_0000_FF00) << 8 | halves & 0x0000_00FF_0000_00FF
        let digits = (bytes & 0x00F0_00F0_00F0_00F0) << 4 | bytes & 0x000F_000F_000F_000F
        let areLetters = ((digits + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return digits + 0x3030_3030_3030_3030 + areLetters * UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
    }

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
