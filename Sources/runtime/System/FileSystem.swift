import CLinux
import Glibc

/// The few file operations that programs here need. All block for as long as the disk takes, so they are for small
/// files: configuration, state, `/proc`.
package enum FileSystem {
    /// What `lstat` says: a symbolic link is reported as such, never followed.
    package struct Entry: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case file, directory, link, other
        }

        package let kind: Kind
        package let owner: UInt32
        /// The permission bits, such as 0o700.
        package let mode: UInt32
        package let size: Int
        /// Tells a file from its successor of the same name.
        package let inode: UInt64
    }

    /// nil if there is nothing.
    package static func entry(at path: String) throws(SystemError) -> Entry? {
        var raw = stat()
        if unsafe lstat(path, &raw) < 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SystemError.last("look at \(path)")
        }
        let kind: Entry.Kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        return Entry(
            kind: kind, owner: raw.st_uid, mode: raw.st_mode & 0o7777, size: Int(raw.st_size), inode: UInt64(raw.st_ino)
        )
    }

    /// The bytes of a file from `offset` on, at most `limit` of them.
    package static func read(_ path: String, from offset: Int = 0, limit: Int = 16 << 20) throws(SystemError) -> [UInt8]
    {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw SystemError.last("open \(path)") }
        defer { close(descriptor) }
        // Files of /proc that are read from the start may not be seekable.
        if offset > 0, lseek(descriptor, offset, SEEK_SET) < 0 { throw SystemError.last("seek in \(path)") }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count < limit {
            let wanted = min(block.count, limit - bytes.count)
            let count = retryingInterrupted { unsafe Glibc.read(descriptor, &block, wanted) }
            if count < 0 { throw SystemError.last("read \(path)") }
            if count == 0 { break }
            bytes += block[..<count]
        }
        return bytes
    }

    /// Replaces the file's content in one step: readers see the old content or the new one, never a part.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(SystemError) {
        let temporary = path + ".new"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        if descriptor < 0 { throw SystemError.last("create \(temporary)") }
        do throws(SystemError) {
            try writeAll(bytes, to: descriptor, named: temporary)
        } catch {
            close(descriptor)
            unsafe _ = unlink(temporary)
            throw error
        }
        close(descriptor)
        if unsafe Glibc.rename(temporary, path) < 0 { throw SystemError.last("rename \(temporary) to \(path)") }
    }

    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, named name: String) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes { rest in
                retryingInterrupted { unsafe Glibc.write(descriptor, rest.baseAddress, rest.count) }
            }
            if count < 0 { throw SystemError.last("write \(name)") }
            written += count
        }
    }

    /// Creates one directory; nothing if it is there. The caller checks what it then is.
    package static func createDirectory(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        if unsafe mkdir(path, mode) < 0, errno != EEXIST { throw SystemError.last("create directory \(path)") }
    }

    package static func setMode(_ mode: UInt32, of path: String) throws(SystemError) {
        if unsafe chmod(path, mode) < 0 { throw SystemError.last("chmod \(path)") }
    }

    /// The names in a directory, without `.` and `..`, sorted.
    package static func names(in path: String) throws(SystemError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw SystemError.last("list \(path)") }
        defer { unsafe _ = closedir(directory) }
        var names: [String] = []
        while let raw = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &raw.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file, a link, or a directory with all that is in it; links are not followed. Nothing if it is gone.
    package static func removeTree(_ path: String) throws(SystemError) {
        guard let entry = try entry(at: path) else { return }
        if entry.kind != .directory { return try removeFile(path) }
        for name in try names(in: path) { try removeTree(path + "/" + name) }
        try removeEmptyDirectory(path)
    }

    package static func removeFile(_ path: String) throws(SystemError) {
        if unsafe unlink(path) < 0, errno != ENOENT { throw SystemError.last("remove \(path)") }
    }

    package static func removeEmptyDirectory(_ path: String) throws(SystemError) {
        if unsafe rmdir(path) < 0, errno != ENOENT { throw SystemError.last("remove directory \(path)") }
    }

    package static func rename(_ path: String, to newPath: String) throws(SystemError) {
        if unsafe Glibc.rename(path, newPath) < 0 { throw SystemError.last("rename \(path) to \(newPath)") }
    }

    /// Each gets the other's name, in one step, where the file system can; else there is a moment without `newPath`.
    package static func exchange(_ path: String, _ newPath: String) throws(SystemError) {
        if unsafe clinux_exchange(path, newPath) == 0 { return }
        guard errno == EINVAL || errno == ENOSYS else { throw SystemError.last("exchange \(path) and \(newPath)") }
        let aside = path + ".old"
        try rename(newPath, to: aside)
        try rename(path, to: newPath)
        try rename(aside, to: path)
    }

    /// Where a symbolic link points, as it is written there; nil if it cannot be read.
    package static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink(path, &buffer, buffer.count)
        return count > 0 ? String(validating: buffer[..<count], as: UTF8.self) : nil
    }

    /// Whether the file may be executed by this process.
    package static func isExecutable(_ path: String) -> Bool {
        let permitted = unsafe access(path, X_OK) == 0
        return permitted && (try? entry(at: path))?.kind != .directory
    }
}
