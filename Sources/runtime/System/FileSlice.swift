import Glibc

/// A stretch of an open file that goes to a socket inside the kernel, without a copy through this process.
package final class FileSlice {
    private let file: OpenFile
    private var position: Int
    /// Bytes still to be sent.
    package private(set) var count: Int

    /// `offset` and `count` must lie within the file as its facts describe it.
    package init(_ file: consuming OpenFile, offset: Int, count: Int) {
        self.file = file
        position = offset
        self.count = count
    }

    package enum Outcome: Equatable {
        /// The kernel took some, perhaps all.
        case progress
        /// The socket has no room.
        case wouldBlock
        /// The file is shorter than it was.
        case truncated
        case failed(Int32)
    }

    /// One call of sendfile(2), for at most `limit` bytes. Blocks as long as the disk does if the file is not cached.
    package func send(to socket: Int32, limit: Int) -> Outcome {
        var offset = off_t(position)
        let sent = file.withDescriptor { source in
            retryingInterrupted { unsafe sendfile(socket, source, &offset, min(count, limit)) }
        }
        guard sent > 0 else {
            if sent == 0 { return .truncated }
            return errno == EAGAIN ? .wouldBlock : .failed(errno)
        }
        position += sent
        count -= sent
        return .progress
    }
}
