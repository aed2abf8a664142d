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
}
