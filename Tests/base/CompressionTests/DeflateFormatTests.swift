import Bytes
import Compression
import Testing

/// What is expanded here was made by Python's zlib and gzip modules.
@Suite struct DeflateFormatTests {
    private static let text = Array(String(repeating: "the same again, and again: ", count: 20).utf8)
    private static let noise = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7 &+ $0 &* 31) }

    private static let gzip = "H4sIAAAAAAACAyvJSFUoTsxNVUhMT8zM01FIzEuBMK0USkalRrYUAO2WGMYcAgAA"
    /// With an extra field, a name, a comment, and a checksum of the header.
    private static let gzipWithAll =
        "H4sIHgDxU2UAAwYAYWICAHh5bmFtZS50eHQAYSBjb21tZW50AOL8K8lIVShOzE1VSExPzMzTUUjMS4EwrRRKRqVGthQA7ZYYxhwCAAA="
    private static let zlib = "eNoryUhVKE7MTVVITE/MzNNRSMxLgTCtFEpGpUa2FABE27aB"
    /// `wbits=9`: a window of 512 bytes.
    private static let zlibOfASmallWindow = "GJUryUhVKE7MTVVITE/MzNNRSMxLgTCtFEpGpUa2FABE27aB"
    private static let raw = "K8lIVShOzE1VSExPzMzTUUjMS4EwrRRKRqVGthQA"
    private static let zlibWithDictionary = "ePmEtwkhKxmVGpXCIQUARNu2gQ=="

    private func expand(
        _ bytes: [UInt8], _ format: DeflateFormat, atMost limit: Int = 1 << 20
    ) -> Result<[UInt8], InflationError> {
        do throws(InflationError) {
            return .success(try format.expand(bytes.span, atMost: limit))
        } catch {
            return .failure(error)
        }
    }

    private func bytes(_ base64: String) throws -> [UInt8] { try #require(Base64.decode(base64)) }

    @Test func whatPythonHasCompressed() throws {
        #expect(expand(try bytes(Self.gzip), .gzip) == .success(Self.text))
        #expect(expand(try bytes(Self.gzipWithAll), .gzip) == .success(Self.text))
        #expect(expand(try bytes(Self.zlib), .zlib) == .success(Self.text))
        #expect(expand(try bytes(Self.zlibOfASmallWindow), .zlib) == .success(Self.text))
        let stored = try bytes("eAEBDwDw/3N0b3JlZCBhcyBpdCBpcy3tBX8=")
        #expect(expand(stored, .zlib) == .success(Array("stored as it is".utf8)))
        #expect(expand(try bytes("eJwDAAAAAAE="), .zlib) == .success([]))
        #expect(expand(try bytes("H4sIAAAAAAACAwMAAAAAAAAAAAA="), .gzip) == .success([]))
    }

    @Test(arguments: [
        (gzip, DeflateFormat.zlib, "incorrect header check"), (zlib, .gzip, "incorrect header check"),
        // Some call this deflate.
        (raw, .zlib, "incorrect header check"), (zlibWithDictionary, .zlib, "it wants a dictionary"),
    ])
    func anotherFormatIsNamed(base64: String, format: DeflateFormat, reason: String) throws {
        #expect(expand(try bytes(base64), format) == .failure(.malformed(reason)))
    }

    @Test func everyEndButTheLastIsTooEarly() throws {
        for (base64, format) in [(Self.gzip, DeflateFormat.gzip), (Self.gzipWithAll, .gzip), (Self.zlib, .zlib)] {
            let whole = try bytes(base64)
            for length in 0..<whole.count {
                #expect(expand(Array(whole[..<length]), format) == .failure(.incomplete), "\(length) bytes")
            }
        }
    }

    @Test func whatFollowsTheEndIsNoticed() throws {
        let gzip = try bytes(Self.gzip)
        #expect(expand(gzip + [0], .gzip) == .failure(.trailing(1)))
        // A second member, which a file may have.
        #expect(expand(gzip + gzip, .gzip) == .failure(.trailing(gzip.count)))
        #expect(expand(try bytes(Self.zlib) + [7, 7], .zlib) == .failure(.trailing(2)))
    }

    /// Both formats end in a checksum.
    @Test func noDamageGoesUnnoticed() throws {
        for (base64, format) in [(Self.gzip, DeflateFormat.gzip), (Self.gzipWithAll, .gzip), (Self.zlib, .zlib)] {
            let whole = try bytes(base64)
            for position in whole.indices {
                for bit in 0..<8 {
                    var damaged = whole
                    damaged[position] ^= 1 << UInt8(bit)
                    if case .success(let content) = expand(damaged, format) { #expect(content == Self.text) }
                }
            }
        }
        var checksum = try bytes(Self.zlib)
        checksum[checksum.count - 1] ^= 1
        #expect(expand(checksum, .zlib) == .failure(.malformed("incorrect data check")))
    }

    @Test(arguments: [DeflateFormat.gzip, .zlib])
    func theLimitIsExact(format: DeflateFormat) {
        for content in [[], [1], Self.text, Self.noise] {
            var compressed: [UInt8] = []
            #expect(format.compress(content.span, atMost: .max, into: &compressed))
            #expect(expand(compressed, format, atMost: content.count) == .success(content))
            #expect(expand(compressed, format, atMost: .max) == .success(content))
            if content.isEmpty { continue }
            #expect(expand(compressed, format, atMost: content.count - 1) == .failure(.overLimit))
            #expect(expand(compressed, format, atMost: 0) == .failure(.overLimit))
        }
    }

    /// 16 MiB of nothing are 16 KiB. That their end is damaged is seen only by whoever goes on to it.
    @Test func aBombGoesOffNoFurtherThanTheLimit() {
        var compressed: [UInt8] = []
        #expect(
            DeflateFormat.gzip.compress(
                [UInt8](repeating: 0, count: 16 << 20).span, atMost: 20 << 10, into: &compressed))
        compressed[compressed.count - 1] ^= 1
        #expect(expand(compressed, .gzip, atMost: .max) == .failure(.malformed("incorrect length check")))
        for limit in [0, 1, 4096, 4 << 20] {
            #expect(expand(compressed, .gzip, atMost: limit) == .failure(.overLimit))
        }
    }

    @Test(arguments: [DeflateFormat.gzip, .zlib])
    func everyLengthComesBack(format: DeflateFormat) {
        for count in [0, 1, 2, 255, 256, 257, 511, 512, 513, 1024, 1025, 4097, 32_767, 32_768, 32_769, 70_000] {
            for content in [Array(Self.noise[..<count]), [UInt8](repeating: 7, count: count)] {
                // What was there stays in front.
                var output: [UInt8] = [1, 2, 3]
                #expect(format.compress(content.span, atMost: count + 1000, into: &output))
                #expect(Array(output[..<3]) == [1, 2, 3])
                #expect(expand(Array(output[3...]), format) == .success(content), "\(count) bytes")
            }
        }
    }

    /// Its beginning decides, unless it has to be compressed whatever comes of it.
    @Test func whatDoesNotBecomeSmallerIsGivenUpEarly() {
        var generator = SplitMix64(seed: 1)
        let picture = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        let mixed = picture + [UInt8](repeating: 0, count: 1 << 20)
        var output: [UInt8] = []
        #expect(!DeflateFormat.gzip.compress(mixed.span, atMost: mixed.count - 1, into: &output))
        #expect(output.isEmpty)
        #expect(DeflateFormat.gzip.compress(mixed.span, atMost: .max, into: &output))
        #expect(output.count < 310_000)
        #expect(expand(output, .gzip, atMost: 2 << 20) == .success(mixed))
        // The other way round, it is worth it.
        var turned: [UInt8] = []
        let late = Array(mixed.reversed())
        #expect(DeflateFormat.gzip.compress(late.span, atMost: late.count - 1, into: &turned))
    }

    @Test func whatWouldTakeMoreIsLeft() {
        var exact: [UInt8] = []
        #expect(DeflateFormat.zlib.compress(Self.text.span, atMost: .max, into: &exact))
        #expect(exact.count < Self.text.count / 10)
        for limit in [-1, 0, 1, exact.count - 1] {
            var output: [UInt8] = [1, 2, 3]
            #expect(!DeflateFormat.zlib.compress(Self.text.span, atMost: limit, into: &output))
            #expect(output == [1, 2, 3])
        }
        var again: [UInt8] = []
        #expect(DeflateFormat.zlib.compress(Self.text.span, atMost: exact.count, into: &again))
        #expect(again == exact)
    }
}
