import Glibc

/// A file that a program appends to.
package final class OutputFile {
    package let path: String
    package private(set) var size: Int
    /// For handing it to a child as its output.
    package let descriptor: Int32

    /// Opens the file at its end, and creates it if it is not there.
    package init(appendingTo path: String) throws(SystemError) {
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw SystemError.last("open \(path)") }
        self.path = path
        size = max(0, Int(lseek(descriptor, 0, SEEK_END)))
    }

    deinit { close(descriptor) }

    package func append(_ bytes: [UInt8]) throws(SystemError) {
        try FileSystem.writeAll(bytes, to: descriptor, named: path)
        size += bytes.count
    }
}

/// A lock that the kernel drops when its holder ends, however it ends.
package final class FileLock {
    private let descriptor: Int32

    /// Takes the lock, creating the file if need be; nil if another process holds it. `opened` is called in between.
    package init?(_ path: String, opened: () -> Void = {}) throws(SystemError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw SystemError.last("open \(path)") }
        opened()
        guard flock(descriptor, LOCK_EX | LOCK_NB) < 0 else { return }
        let code = errno
        // The initialiser fails after all properties are set, so deinit closes the descriptor.
        if code == EWOULDBLOCK { return nil }
        throw SystemError("lock \(path)", code: code)
    }

    deinit { close(descriptor) }

    /// Of the file that is locked, whatever its name by now.
    func inode() throws(SystemError) -> UInt64 {
        var raw = stat()
        if unsafe fstat(descriptor, &raw) < 0 { throw SystemError.last("look at a lock") }
        return UInt64(raw.st_ino)
    }
}
