import HTTP
import Testing

@Suite struct ByteRangeTests {
    private func range(_ value: String, of size: Int = 10_000) -> ByteRange {
        ByteRange(["Range": value], size: size)
    }

    /// The examples of RFC 9110 section 14.1.2 are among them.
    @Test(arguments: [
        ("bytes=0-499", 0..<500), ("bytes=500-999", 500..<1_000), ("bytes=-500", 9_500..<10_000),
        ("bytes=9500-", 9_500..<10_000), ("bytes=0-0", 0..<1), ("bytes=-1", 9_999..<10_000), ("bytes=0-", 0..<10_000),
        ("bytes=0-9999", 0..<10_000), ("bytes=0-10000", 0..<10_000), ("bytes=9999-9999", 9_999..<10_000),
        ("bytes=-10000", 0..<10_000), ("bytes=-10001", 0..<10_000), ("Bytes=1-2", 1..<3), ("bytes= 1-2", 1..<3),
        ("bytes=,1-2 ,", 1..<3), ("bytes=000000000000000000000001-2", 1..<3),
        ("bytes=5-9223372036854775807", 5..<10_000), ("bytes=5-99999999999999999999999999", 5..<10_000),
        ("bytes=-99999999999999999999999999", 0..<10_000),
    ])
    func onePart(value: String, expected: Range<Int>) {
        #expect(range(value) == .part(expected))
    }

    @Test(arguments: [
        "bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999999999999999999999999-",
        "bytes=99999999999999999999999999-99999999999999999999999999",
    ])
    func nothingOfItIsThere(value: String) {
        #expect(range(value) == .unsatisfiable)
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=2-1", "bytes=1--2", "bytes=--1", "bytes=1-2x",
        "bytes=+1-2", "bytes=1 - 2", "bytes =1-2", "bytes:1-2", "items=0-1", "=0-1", "0-1", "bytes=0x1-0x2",
        "bytes=0-1,2-3", "bytes=0-1,20000-", "bytes=0-0,-1", "bytes=0-1;x", "bytes=9223372036854775808-1",
    ])
    func everythingElseIsAnsweredWithTheWhole(value: String) {
        #expect(range(value) == .whole)
    }

    @Test func twoFieldsAreNotOneRange() {
        #expect(ByteRange(["Range": "bytes=0-1", "range": "bytes=0-1"], size: 10) == .whole)
        #expect(ByteRange([:], size: 10) == .whole)
    }

    @Test func nothingHasNoParts() {
        #expect(range("bytes=0-", of: 0) == .unsatisfiable)
        #expect(range("bytes=0-0", of: 0) == .unsatisfiable)
        #expect(range("bytes=-0", of: 0) == .unsatisfiable)
        #expect(range("bytes=-5", of: 0) == .whole)
    }
}
