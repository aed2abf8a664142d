import Compression

/// When a file in memory is compressed, and how far that has to go.
package enum CompressedForm {
    /// Less fits into one packet together with the head of its response, compressed or not, and gzip's own header and
    /// trailer take 18 bytes of it.
    package static let smallestFile = 256
    /// In percent. Less is not worth the client's time.
    package static let smallestSaving = 5

    /// nil for what is better sent as it is. About 3 ms for 64 KiB; done once for each state of a file.
    package static func make(of bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= smallestFile, let compressed = Gzip.compress(bytes) else { return nil }
        return compressed.count * 100 <= bytes.count * (100 - smallestSaving) ? compressed : nil
    }
}
