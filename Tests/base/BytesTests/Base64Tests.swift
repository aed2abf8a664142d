import Bytes
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func vectorsOfTheRFC(plain: String, padded: String) {
        let bytes = Array(plain.utf8)
        let unpadded = String(padded.prefix { $0 != "=" })
        #expect(Base64.encode(bytes, padded: true) == padded)
        #expect(Base64.encode(bytes) == unpadded)
        #expect(Base64.decode(padded) == bytes)
        #expect(Base64.decode(unpadded) == bytes)
    }

    @Test func everyByteSurvives() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8")
    }

    @Test(arguments: ["A", "AAAAA", "Zg=", "Zg===", "Zm9v=", "Zg==Zg==", "Z g", "-_8", "=", "====", "é"])
    func refuses(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
