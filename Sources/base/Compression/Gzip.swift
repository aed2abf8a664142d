/// The gzip file format (RFC 1952), as the content coding `gzip` has it.
package enum Gzip {
    /// One member as small as zlib can make it, without name and time: equal bytes stay equal as long as the library does.
    /// Takes about 50 ns a byte on the caller's thread.
    ///
    /// nil for what is longer than 4 GiB, and if there is no memory.
    package static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var file: [UInt8] = []
        return DeflateFormat.gzip.compress(bytes.span, .most, atMost: .max, into: &file) ? file : nil
    }

    /// Whether `file` is by its own words the compressed form of `content`: it has gzip's header, and its last member's
    /// trailer tells the checksum and length of `content`. That finds one that is cut off, or was made of another state;
    /// a member that lies about itself it does not find.
    package static func isCompressed(_ file: [UInt8], of content: [UInt8]) -> Bool {
        // ID1, ID2, CM = deflate; the shortest member has a header of 10 bytes, 2 of data and a trailer of 8.
        guard file.count >= 20, file[0] == 0x1F, file[1] == 0x8B, file[2] == 8 else { return false }
        let trailer = file.span.extracting(last: 8)
        return littleEndian(trailer.extracting(first: 4)) == CRC32.checksum(content)
            && littleEndian(trailer.extracting(last: 4)) == UInt32(truncatingIfNeeded: content.count)
    }

    private static func littleEndian(_ bytes: Span<UInt8>) -> UInt32 {
        var value: UInt32 = 0
        for index in bytes.indices { value |= UInt32(bytes[index]) << (8 * UInt32(index)) }
        return value
    }
}
