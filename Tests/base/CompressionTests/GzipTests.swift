import CZlib
import Compression
import Testing

@Suite struct GzipTests {
    private static let text = Array(String(repeating: "the same again, ", count: 500).utf8)
    private static let noise = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7 &+ $0 &* 31) }

    /// What zlib's own decoder makes of it; nil if it is not exactly one member.
    private func expand(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = unsafe z_stream()
        return unsafe withUnsafeMutablePointer(to: &stream) { stream in
            let size = unsafe Int32(MemoryLayout<z_stream>.size)
            guard unsafe inflateInit2_(stream, 31, ZLIB_VERSION, size) == Z_OK else {
                return nil
            }
            defer { unsafe _ = inflateEnd(stream) }
            var end = Z_OK
            let result = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 20) { output, count in
                unsafe bytes.withUnsafeBufferPointer { input in
                    unsafe stream.pointee.next_in = input.baseAddress
                    unsafe stream.pointee.avail_in = uInt(input.count)
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = uInt(output.count)
                    end = unsafe inflate(stream, Z_FINISH)
                    unsafe count = output.count - Int(stream.pointee.avail_out)
                }
            }
            return unsafe end == Z_STREAM_END && stream.pointee.avail_in == 0 ? result : nil
        }
    }

    @Test(arguments: [[], [7], text, noise])
    func theDecoderGetsItBack(content: [UInt8]) throws {
        let file = try #require(Gzip.compress(content))
        #expect(expand(file) == content)
        #expect(Gzip.isCompressed(file, of: content))
    }

    @Test func textBecomesSmall() throws {
        #expect(try #require(Gzip.compress(Self.text)).count < Self.text.count / 50)
    }

    /// RFC 1952 section 2.3: no flags, no time.
    @Test func theHeaderTellsNeitherNameNorTime() throws {
        let file = try #require(Gzip.compress(Self.text))
        #expect(file.starts(with: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]))
        #expect(Gzip.compress(Self.text) == file)
    }

    @Test func whatIsNotTheCompressedFormIsNoticed() throws {
        let content = Self.text
        let file = try #require(Gzip.compress(content))
        for length in 0..<file.count {
            #expect(!Gzip.isCompressed(Array(file[..<length]), of: content))
        }
        #expect(!Gzip.isCompressed(file, of: Array(content.dropLast())))
        #expect(!Gzip.isCompressed(file, of: content.map { $0 ^ 1 }))
        #expect(!Gzip.isCompressed(content, of: content))
        #expect(!Gzip.isCompressed((file + [0]), of: content))
    }

    /// The check value that every table of checksums gives for CRC-32.
    @Test func checksum() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum([UInt8]()) == 0)
    }
}
