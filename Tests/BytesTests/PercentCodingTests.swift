import Bytes
import Testing

@Suite struct PercentCodingTests {
    @Test(arguments: [
        ("plain", "plain"), ("a%20b", "a b"), ("%C3%a9", "é"), ("a+b", "a+b"), ("", ""),
        // Decoded once, not until nothing is left to decode.
        ("%2525", "%25"), ("%2e%2E%2f", "../"),
    ])
    func decodesStrictly(text: String, expected: String) {
        #expect(PercentCoding.decode(text[...]) == expected)
    }

    @Test(arguments: ["%", "a%2", "%zz", "%2g", "% 2", "%+1", "%C3", "%ff"])
    func refusesBadEscapesAndBadUTF8(text: String) {
        #expect(PercentCoding.decode(text[...]) == nil)
    }

    @Test func plusIsASpaceOnlyWhenAsked() {
        #expect(PercentCoding.decode("a+b%2B", plusIsSpace: true) == "a b+")
    }

    @Test func aNULIsReportedAsAByte() {
        #expect(PercentCoding.decode("%00".utf8.span) == [0])
    }

    @Test(arguments: [
        ("plain text", "plain text"), ("100%", "100%25"), ("line\nbreak", "line%0Abreak"), ("é~\u{7F}", "%C3%A9~%7F"),
    ])
    func encodesMessages(message: String, expected: String) {
        #expect(PercentCoding.encodeMessage(message) == expected)
        #expect(PercentCoding.decodeMessage(expected) == message)
    }

    @Test(arguments: [
        ("50% off", "50% off"), ("%", "%"), ("a%4", "a%4"), ("%zz%41", "%zzA"), ("%FFx", "\u{FFFD}x"),
    ])
    func decodesMessagesLeniently(text: String, expected: String) {
        #expect(PercentCoding.decodeMessage(text) == expected)
    }
}
