import Glibc
import Synchronization

/// A descriptor to which several threads write lines, whole and without blocking for ever.
///
/// The descriptor stays in blocking mode, because that mode belongs to the open file, which other processes share (a
/// terminal, the pipe of a container runtime). Instead it is asked first whether it takes more: Linux says yes of a
/// pipe if it has room for a page, which is as much as is then written at once. POSIX promises as much (PIPE_BUF) to be
/// written in one piece, so lines of other processes do not get in between either.
package final class LineOutput: Sendable {
    /// Longer lines may be torn apart by other writers of the same pipe.
    package static let longestLine = 4096

    package let descriptor: Int32
    /// A disk takes everything at once.
    private let isFile: Bool
    private let lock = Mutex(())

    package static let standardOutput = LineOutput(descriptor: 1)

    package init(descriptor: Int32) {
        self.descriptor = descriptor
        var status = stat()
        isFile = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Writes as many of the lines as the descriptor takes now. Returns how many bytes are done with: all, if nobody
    /// will ever read them.
    package func write(_ lines: Span<UInt8>) -> Int {
        lock.withLock { _ in
            var done = 0
            while done < lines.count {
                let rest = lines.extracting(droppingFirst: done)
                let piece = rest.extracting(first: pieceLength(rest))
                guard isReady(milliseconds: 0) else { break }
                let count = unsafe piece.withUnsafeBufferPointer { buffer in
                    retryingInterrupted { unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count) }
                }
                if count < 0 { return errno == EAGAIN ? done : lines.count }
                done += count
            }
            return done
        }
    }

    /// Waits until the descriptor takes more; false if it does not in time.
    package func waitUntilReady(atMost duration: Duration) -> Bool {
        let (seconds, attoseconds) = duration.components
        return isReady(milliseconds: Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }

    private func isReady(milliseconds: Int32) -> Bool {
        if isFile { return true }
        var query = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&query, 1, milliseconds) > 0
    }

    /// Bytes of the whole lines that fit in a page, or of the first line's first page.
    private func pieceLength(_ lines: Span<UInt8>) -> Int {
        if isFile || lines.count <= LineOutput.longestLine { return lines.count }
        var end = LineOutput.longestLine
        while end > 0, lines[end - 1] != UInt8(ascii: "\n") { end -= 1 }
        return end > 0 ? end : LineOutput.longestLine
    }
}
