import Bytes
import Testing

@Suite struct ASCIITests {
    @Test func aByteIsWhatItIsInASCII() {
        for byte in UInt8.min ... .max {
            let character: Character? = byte < 0x80 ? Character(UnicodeScalar(byte)) : nil
            #expect(byte.isASCIIDigit == character?.isNumber ?? false)
            #expect(byte.isASCIIHexDigit == character?.isHexDigit ?? false)
            #expect(byte.isASCIILetter == character?.isLetter ?? false)
        }
    }

    @Test(arguments: [
        ("0", 0), ("7", 7), ("0042", 42), ("65535", 65_535), ("9223372036854775807", Int.max),
        ("00000000000000000000000001", 1),
    ])
    func digitsAreANumber(text: String, number: Int) {
        #expect(Decimal.number(text.utf8.span) == number)
    }

    @Test(arguments: [
        "", "+1", "-1", " 1", "1 ", "1.0", "0x1", "a", "٣", "１", "9223372036854775808", "18446744073709551616",
        "99999999999999999999",
    ])
    func allElseIsNone(text: String) {
        #expect(Decimal.number(text.utf8.span) == nil)
    }

    @Test(
        arguments: [
            (0, 1, "0"), (9, 1, "9"), (10, 1, "10"), (7, 3, "007"), (999, 3, "999"), (1000, 3, "1000"),
            (5, 20, "00000000000000000005"),
            (UInt64.max, 1, "18446744073709551615"),
        ] as [(UInt64, Int, String)])
    func aNumberAsDigits(number: UInt64, digits: Int, text: String) {
        var bytes: [UInt8] = [0x78]
        Decimal.append(number, digits: digits, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x" + text)
    }

    @Test func everyHexadecimalDigitInEveryPlace() {
        for place in 0..<16 as Range<UInt64> {
            for digit in 0..<16 as Range<UInt64> {
                let number = 0x0123_4567_89ab_cdef & ~(0xf << (4 * place)) | digit << (4 * place)
                var bytes: [UInt8] = []
                Hexadecimal.append(number, to: &bytes)
                let text = String(number, radix: 16)
                #expect(String(decoding: bytes, as: UTF8.self) == String(repeating: "0", count: 16 - text.count) + text)
            }
        }
    }
}
