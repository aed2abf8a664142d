import CZlib

/// Why bytes could not be expanded.
package enum InflationError: Error, Hashable, Sendable {
    /// There is more than the caller wants.
    case overLimit
    /// The compressed form ends before its end.
    case incomplete
    /// So many bytes follow its end.
    case trailing(Int)
    /// It is no such form, or was damaged; zlib's words.
    case malformed(String)
    case noMemory
}

extension DeflateFormat {
    /// What one compressed form expands to, if that is no more than `limit` bytes; more is never made than that, and no
    /// room for it either. Takes 0.5 to 8 ns a byte of the result.
    package func expand(_ bytes: Span<UInt8>, atMost limit: Int) throws(InflationError) -> [UInt8] {
        guard let count = uInt(exactly: bytes.count) else { throw .overLimit }
        return try unsafe withStream { stream, size throws(InflationError) in
            switch unsafe inflateInit2_(stream, windowBits(Self.largestWindow), ZLIB_VERSION, size) {
            case Z_OK: break
            case Z_MEM_ERROR: throw InflationError.noMemory
            // Z_VERSION_ERROR and Z_STREAM_ERROR: header and library do not fit together.
            case let code: throw InflationError.malformed("zlib does not begin: \(code)")
            }
            // Z_STREAM_ERROR would be a stream that has not begun.
            defer { unsafe _ = inflateEnd(stream) }
            return try unsafe bytes.withUnsafeBufferPointer { input throws(InflationError) in
                unsafe stream.pointee.next_in = input.baseAddress
                unsafe stream.pointee.avail_in = count
                return try unsafe Self.finish(stream, max(limit, 0), firstRoom: 4 * Int(count) + 64)
            }
        }
    }

    private static func finish(
        _ stream: UnsafeMutablePointer<z_stream>, _ limit: Int, firstRoom: Int
    ) throws(InflationError) -> [UInt8] {
        var output: [UInt8] = []
        // One byte more shows whether there is more than the limit.
        let most = limit == .max ? limit : limit + 1
        while true {
            let room = min(most - output.count, max(firstRoom, output.count))
            if room == 0 { throw .overLimit }
            output.reserveCapacity(output.count + room)
            var result = Z_OK
            output.append(addingCapacity: room) { free in
                unsafe free.withUnsafeMutableBufferPointer { buffer, used in
                    unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + used }
                    unsafe stream.pointee.avail_out = uInt(clamping: min(room, buffer.count - used))
                    let offered = unsafe stream.pointee.avail_out
                    // With Z_FINISH and enough room zlib needs no window of its own.
                    result = unsafe inflate(stream, Z_FINISH)
                    unsafe used += Int(offered - stream.pointee.avail_out)
                }
            }
            if try unsafe isWhole(result, stream) {
                if output.count > limit { throw .overLimit }
                return output
            }
        }
    }

    /// False: there has to be more room.
    private static func isWhole(
        _ result: Int32, _ stream: UnsafeMutablePointer<z_stream>
    ) throws(InflationError) -> Bool {
        switch result {
        case Z_STREAM_END:
            let rest = unsafe Int(stream.pointee.avail_in)
            if rest > 0 { throw .trailing(rest) }
            return true
        case Z_OK, Z_BUF_ERROR:
            if unsafe stream.pointee.avail_out == 0 { return false }
            // It has read all, and there is room for more.
            throw .incomplete
        case Z_NEED_DICT: throw .malformed("it wants a dictionary")
        case Z_MEM_ERROR: throw .noMemory
        case Z_DATA_ERROR: throw unsafe .malformed(stream.pointee.msg.map { unsafe String(cString: $0) } ?? "bad data")
        // Z_STREAM_ERROR: the stream's state is not what zlib has left.
        default: throw .malformed("zlib fails with \(result)")
        }
    }
}
