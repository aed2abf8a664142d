import CZlib

extension DeflateFormat {
    /// What compressing may cost.
    package enum Effort: Hashable, Sendable {
        /// Level 6, zlib's own choice and that of other gRPC implementations: 8 ns a byte of nothing, 50 of text.
        case usual
        /// As small as zlib can make it: level 9.
        case most

        fileprivate var level: Int32 {
            switch self {
            case .usual: 6
            case .most: Z_BEST_COMPRESSION
            }
        }
    }

    /// At least so much is made room for at a time.
    private static let step = 16 * 1024
    /// After so much that has become no smaller, the rest is not tried: what cannot be compressed, pictures for instance,
    /// takes longest of all, 340 ms for 4 MiB.
    private static let trial = 128 * 1024
    /// What zlib has read and not yet written at most: twice the window, and a block of 16 384 symbols.
    private static let lag = 80 * 1024

    /// Appends the compressed form of `bytes`, without name and time, if it takes no more than `limit` bytes and its
    /// beginning looks like it. Answers whether it did; if not, `output` is as it was. `.max` is no limit, and then it
    /// always does.
    ///
    /// Equal bytes stay equal as long as the library does. False also if there is no memory.
    package func compress(
        _ bytes: Span<UInt8>, _ effort: Effort = .usual, atMost limit: Int, into output: inout [UInt8]
    ) -> Bool {
        guard let count = uInt(exactly: bytes.count) else { return false }
        let start = output.count
        let isComplete = unsafe withStream { stream, size in
            // No more window than there are bytes, and hash tables to match: a message of 1 KiB takes 18 KB and 7 µs, and
            // not 268 KB and 87 µs.
            let wanted = Int32(Int.bitWidth - max(bytes.count - 1, 0).leadingZeroBitCount)
            let bits = min(max(wanted, 9), Self.largestWindow)
            // Z_MEM_ERROR; or Z_VERSION_ERROR and Z_STREAM_ERROR, if header and library do not fit together.
            guard
                unsafe deflateInit2_(
                    stream, effort.level, Z_DEFLATED, windowBits(bits), min(bits - 6, 8), Z_DEFAULT_STRATEGY,
                    ZLIB_VERSION, size) == Z_OK
            else { return false }
            // Z_DATA_ERROR says that it was ended early, which is meant.
            defer { unsafe _ = deflateEnd(stream) }
            return unsafe bytes.withUnsafeBufferPointer { input in
                unsafe stream.pointee.next_in = input.baseAddress
                unsafe stream.pointee.avail_in = count
                let (end, overflow) = start.addingReportingOverflow(limit)
                return unsafe Self.finish(stream, overflow ? .max : end, &output)
            }
        }
        if !isComplete { output.removeSubrange(start...) }
        return isComplete
    }

    private static func finish(
        _ stream: UnsafeMutablePointer<z_stream>, _ limit: Int, _ output: inout [UInt8]
    ) -> Bool {
        while true {
            let room = min(limit - output.count, max(step, output.count))
            if room <= 0 { return false }
            var result = Z_OK
            output.append(addingCapacity: room) { free in
                unsafe free.withUnsafeMutableBufferPointer { buffer, used in
                    unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + used }
                    unsafe stream.pointee.avail_out = uInt(clamping: min(room, buffer.count - used))
                    let offered = unsafe stream.pointee.avail_out
                    result = unsafe deflate(stream, Z_FINISH)
                    unsafe used += Int(offered - stream.pointee.avail_out)
                }
            }
            switch result {
            case Z_STREAM_END: return true
            // The room was not enough.
            case Z_OK, Z_BUF_ERROR:
                let (read, written) = unsafe (Int(stream.pointee.total_in), Int(stream.pointee.total_out))
                if limit < .max, written >= trial, written + lag > read - read / 16 { return false }
            // Z_STREAM_ERROR: the stream's state is not what zlib has left.
            default: return false
            }
        }
    }
}
