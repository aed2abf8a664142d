import CZlib

/// DEFLATE (RFC 1951) in one of the two wrappings that HTTP and gRPC have names for.
package enum DeflateFormat: Hashable, Sendable {
    /// RFC 1952, named `gzip`.
    case gzip
    /// RFC 1950, named `deflate`.
    case zlib

    /// How zlib is told of a window of 2^bits bytes and of the wrapping.
    func windowBits(_ bits: Int32) -> Int32 {
        switch self {
        case .gzip: bits + 16
        case .zlib: bits
        }
    }

    /// The largest window that the formats have; what was made with a smaller one is read with it as well.
    static let largestWindow: Int32 = 15
}

/// Hands out a stream for zlib, which keeps its address: it must not move before its end.
func withStream<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<z_stream>, _ size: Int32) throws(Failure) -> Result
) throws(Failure) -> Result {
    var stream = unsafe z_stream()
    return try unsafe withUnsafeMutablePointer(to: &stream) { stream throws(Failure) in
        try unsafe body(stream, Int32(MemoryLayout<z_stream>.size))
    }
}
