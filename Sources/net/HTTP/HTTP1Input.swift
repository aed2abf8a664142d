import Bytes

/// Received bytes that are not consumed yet, with a memory of how far they were searched for a line's end: a peer that
/// sends one byte at a time costs one look at each byte.
struct HTTP1Input {
    private var queue = ByteQueue()
    private var searched = 0

    enum Line: Equatable {
        case incomplete
        /// The line without its CRLF has more bytes than allowed, whether or not it has ended.
        case tooLong
        /// Ends with LF alone; `length` bytes come before it.
        case bareLineFeed
        /// `length` bytes, and then CRLF.
        case complete(length: Int)
    }

    var count: Int { queue.count }
    var isEmpty: Bool { queue.isEmpty }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { queue.bytes }
    }

    mutating func append(_ bytes: Span<UInt8>) {
        queue.append(bytes)
    }

    mutating func consume(_ count: Int) {
        queue.consume(count)
        searched = 0
    }

    mutating func removeAll() {
        queue.removeAll()
        searched = 0
    }

    /// The first line. Its length is judged before its end, so that the verdict does not depend on how the bytes were
    /// cut into pieces.
    mutating func nextLine(limit: Int) -> Line {
        let (end, endsWithCRLF) = HTTP1Input.lineFeed(in: queue.bytes, from: searched)
        searched = end
        // Without a line feed, one byte more than the limit may still be the CR.
        guard end < queue.count else { return end > limit + 1 ? .tooLong : .incomplete }
        let length = endsWithCRLF ? end - 1 : end
        if length > limit { return .tooLong }
        return endsWithCRLF ? .complete(length: length) : .bareLineFeed
    }

    /// Where the next LF is, or the end; and whether a CR stands before it.
    private static func lineFeed(in bytes: Span<UInt8>, from start: Int) -> (index: Int, followsReturn: Bool) {
        var index = start
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
        return (index, index < bytes.count && index > 0 && bytes[index - 1] == 0x0D)
    }
}
