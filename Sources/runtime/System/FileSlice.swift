import Glibc

/// A stretch of an open file on its way to a peer: inside the kernel, without a copy through this process, where the
/// kernel can do that; by a filter that has to see the bytes, with `read`.
package final class FileSlice {
    /// Of one read, where the kernel cannot do without.
    private static let copySize = 64 * 1024

    private let file: OpenFile
    private var position: Int
    /// Bytes still to be sent.
    package private(set) var count: Int
    private var isCopying = false

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

    /// Moves at most `limit` bytes to a socket. Blocks as long as the disk does if the file is not cached.
    package func send(to socket: Int32, limit: Int) -> Outcome {
        if isCopying { return copy(to: socket, limit: limit) }
        var offset = off_t(position)
        let sent = file.withDescriptor { source in
            retryingInterrupted { unsafe sendfile(socket, source, &offset, min(count, limit)) }
        }
        guard sent > 0 else {
            if sent == 0 { return .truncated }
            switch errno {
            case EAGAIN: return .wouldBlock
            case EINVAL, ENOSYS:
                // sendfile(2): this file, or this descriptor, cannot be spliced.
                isCopying = true
                return copy(to: socket, limit: limit)
            default: return .failed(errno)
            }
        }
        advance(sent)
        return .progress
    }

    private func copy(to socket: Int32, limit: Int) -> Outcome {
        do throws(SystemError) {
            let bytes = try peek(limit: min(limit, FileSlice.copySize))
            let sent = unsafe bytes.withUnsafeBytes { buffer in
                retryingInterrupted { unsafe write(socket, buffer.baseAddress, buffer.count) }
            }
            guard sent > 0 else { return errno == EAGAIN ? .wouldBlock : .failed(errno) }
            advance(sent)
            return .progress
        } catch {
            return error == .truncatedFile ? .truncated : .failed(error.code)
        }
    }

    /// Takes the next bytes, at least one and at most `limit` of them, for a stream that changes them on their way.
    package func read(limit: Int) throws(SystemError) -> [UInt8] {
        let bytes = try peek(limit: limit)
        advance(bytes.count)
        return bytes
    }

    private func peek(limit: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: min(count, limit)) { buffer, filled in
            let length = file.withDescriptor { source in
                retryingInterrupted {
                    unsafe pread(source, buffer.baseAddress, buffer.count, off_t(position))
                }
            }
            if length < 0 { failure = .last("read a file") }
            if length == 0 { failure = .truncatedFile }
            filled = max(length, 0)
        }
        if let failure { throw failure }
        return bytes
    }

    private func advance(_ length: Int) {
        position += length
        count -= length
    }
}
