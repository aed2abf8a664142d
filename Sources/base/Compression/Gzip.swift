import CZlib

/// The gzip file format (RFC 1952), as the content coding `gzip` has it.
package enum Gzip {
    /// 2^15 bytes of window, and 16 for gzip's header and trailer instead of zlib's.
    private static let windowBits: Int32 = 15 + 16
    /// zlib's default: 128 KiB, next to the window's 128 KiB.
    private static let memoryLevel: Int32 = 8

    /// One member as small as zlib can make it (level 9), without name and time: equal bytes stay equal as long as the
    /// library does. Takes about 50 ns a byte on the caller's thread.
    ///
    /// nil for what is longer than 4 GiB, and if there is no memory.
    package static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard let count = uInt(exactly: bytes.count) else { return nil }
        var stream = unsafe z_stream()
        // zlib keeps the stream's address, so it must not move before the end.
        return unsafe withUnsafeMutablePointer(to: &stream) { stream in
            let size = unsafe Int32(MemoryLayout<z_stream>.size)
            // Z_MEM_ERROR; or Z_VERSION_ERROR and Z_STREAM_ERROR, if header and library do not fit together.
            guard
                unsafe deflateInit2_(
                    stream, Z_BEST_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                    size) == Z_OK
            else { return nil }
            defer { unsafe _ = deflateEnd(stream) }
            // What a single call never exceeds.
            let bound = unsafe deflateBound(stream, uLong(count))
            guard let room = uInt(exactly: bound) else { return nil }
            var isComplete = false
            let result = unsafe [UInt8](unsafeUninitializedCapacity: Int(room)) { output, written in
                unsafe bytes.withUnsafeBufferPointer { input in
                    unsafe stream.pointee.next_in = input.baseAddress
                    unsafe stream.pointee.avail_in = count
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = room
                    // Z_OK and Z_BUF_ERROR would mean that the bound is wrong, Z_STREAM_ERROR that the stream is.
                    isComplete = unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
                    unsafe written = Int(room - stream.pointee.avail_out)
                }
            }
            return isComplete ? result : nil
        }
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
