import Bytes

/// Cuts a watch's body into its events, one JSON text a line.
package struct WatchLines: Sendable {
    /// Bytes of one event. etcd takes no object beyond 1.5 MiB, and a slice of 100 pods has 30 KiB.
    package static let mostEventBytes = 4 << 20

    /// A line has more bytes than allowed.
    package struct TooLong: Error, Equatable {}

    private let limit: Int
    private var queue = ByteQueue()
    private var searched = 0

    package init(limit: Int = WatchLines.mostEventBytes) { self.limit = limit }

    package mutating func append(_ bytes: [UInt8]) { queue.append(bytes) }

    /// The next line, without its end; nil when more bytes are needed. Empty lines are left out.
    package mutating func next() throws(TooLong) -> [UInt8]? {
        while true {
            let end = WatchLines.firstLineFeed(in: queue.bytes, from: searched)
            searched = end
            if end > limit { throw TooLong() }
            guard end < queue.count else { return nil }
            let line = Array(copying: queue.bytes.extracting(first: end))
            queue.consume(end + 1)
            searched = 0
            if !line.isEmpty { return line }
        }
    }

    /// Or the end.
    private static func firstLineFeed(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
        return index
    }
}
