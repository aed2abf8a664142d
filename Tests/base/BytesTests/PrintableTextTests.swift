import Bytes
import Testing

@Suite struct PrintableTextTests {
    private func plain(_ text: String) -> String {
        var bytes: [UInt8] = []
        PrintableText.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("/sample.service.HelloWorld/SayHello", "/sample.service.HelloWorld/SayHello"),
        ("a b\"c", "a b\"c"),
        ("Zoë 🙂 漢", "Zoë 🙂 漢"),
        ("a\nb\rc\td", #"a\nb\rc\td"#),
        ("\r\n", #"\r\n"#),
        (#"a\nb"#, #"a\\nb"#),
        ("\u{1b}[2J\u{0}\u{7f}", #"\u{1b}[2J\u{0}\u{7f}"#),
        ("a\u{85}b\u{9b}c", #"a\u{85}b\u{9b}c"#),
        ("a\u{2028}b\u{2029}c", #"a\u{2028}b\u{2029}c"#),
        ("abc\u{202e}def\u{200b}", #"abc\u{202e}def\u{200b}"#),
    ])
    func whatCouldMoveTheRestOfTheLineIsEscaped(text: String, expected: String) {
        #expect(plain(text) == expected)
    }

    @Test func quotesAreEscapedWithinQuotes() {
        var bytes: [UInt8] = []
        PrintableText.appendQuoted(#"a"b\"#, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #""a\"b\\""#)
    }

    /// Eight bytes are looked at together, and what is left of them at the end.
    @Test func aSpecialByteIsFoundWhereverItIs() {
        for length in 1...20 {
            for position in 0..<length {
                for byte in UInt8(0)...127 {
                    var bytes = [UInt8](repeating: UInt8(ascii: "~"), count: length)
                    bytes[position] = byte
                    let text = String(decoding: bytes, as: UTF8.self)
                    let isPlain = (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\\")
                    if (plain(text) == text) != isPlain { Issue.record("byte \(byte) at \(position) of \(length)") }
                    var quoted: [UInt8] = []
                    PrintableText.appendQuoted(text, to: &quoted)
                    let isSame = quoted.count == length + 2
                    if isSame != (isPlain && byte != UInt8(ascii: "\"")) {
                        Issue.record("byte \(byte) at \(position) of \(length), in quotes")
                    }
                }
            }
        }
    }

    @Test(arguments: ["x", "\n", "ë", "🙂", "\u{202e}"])
    func longTextIsCutOff(unit: String) {
        let cut = plain(String(repeating: unit, count: 5000))
        #expect(cut.hasSuffix("…"))
        #expect(cut.utf8.count <= PrintableText.limit + 16)
        #expect(cut.utf8.count >= PrintableText.limit)
    }

    @Test(arguments: ["x", "ë", "漢", "🙂"])
    func shortenedTextStaysWhole(unit: String) {
        let short = PrintableText.shortened(String(repeating: unit, count: 2000))
        #expect(short.utf8.count <= PrintableText.limit + 3)
        #expect(short.dropLast().allSatisfy { String($0) == unit })
        #expect(short.hasSuffix("…"))
        #expect(PrintableText.shortened(unit) == unit)
    }
}
