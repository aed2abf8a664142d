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
        #expect(PercentCoding.encodeMessage(message, limit: 100) == expected)
        #expect(PercentCoding.decodeMessage(expected.utf8.span) == message)
    }

    @Test(arguments: [
        ("0123456789abcdef", "0123456789abcdef"),
        // 16 bytes, nine of which are the ellipsis.
        ("0123456789abcdefg", "0123456%E2%80%A6"),
        // Escapes count as they are written, and a character stays whole.
        ("%%%%%%", "%25%25%E2%80%A6"), ("aéé~~~~~~~~", "a%C3%A9%E2%80%A6"), ("12éééé", "12%E2%80%A6"),
        ("e\u{301}\u{301}\u{301}", "%E2%80%A6"),
    ])
    func cutsLongMessages(message: String, expected: String) {
        #expect(PercentCoding.encodeMessage(message, limit: 16) == expected)
    }

    @Test(arguments: [
        ("50% off", "50% off"), ("%", "%"), ("a%4", "a%4"), ("%zz%41", "%zzA"), ("%FFx", "\u{FFFD}x"),
    ])
    func decodesMessagesLeniently(text: String, expected: String) {
        #expect(PercentCoding.decodeMessage(text.utf8.span) == expected)
    }

    @Test func decodesWhatIsNotUTF8() {
        #expect(PercentCoding.decodeMessage(([0xE9] + Array("t%41".utf8)).span) == "\u{FFFD}tA")
    }
}
