import Compression
import StaticFiles
import Testing

@Suite struct CompressedFormTests {
    @Test func textIsCompressed() throws {
        let text = Array(String(repeating: "a = 1;\n", count: 100).utf8)
        let compressed = try #require(CompressedForm.make(of: text))
        #expect(Gzip.isCompressed(compressed, of: text))
    }

    @Test func littleIsSentAsItIs() {
        let blanks = [UInt8](repeating: 0x20, count: CompressedForm.smallestFile)
        #expect(CompressedForm.make(of: blanks) != nil)
        #expect(CompressedForm.make(of: blanks.dropLast()) == nil)
    }

    /// 64 letters at random carry six bits of eight, so 25 % can be saved; every byte at random nothing.
    @Test func whatSavesLittleIsSentAsItIs() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(CompressedForm.make(of: bytes) == nil)
        #expect(CompressedForm.make(of: bytes.map { $0 & 0x3F | 0x40 }) != nil)
        // 97 % at random.
        #expect(CompressedForm.make(of: bytes + [UInt8](repeating: 0, count: 300)) == nil)
    }
}
