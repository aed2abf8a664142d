import Glibc

/// A lock whose file is there only as long as somebody holds it, or was killed while holding it.
///
/// Who removes such a file takes care of two others: one that opened it before it was removed, and now waits with a file
/// that has no name; and one that makes a new file of that name. Both would hold "the lock". So nobody removes the file but
/// its holder, before letting go; and whoever gets the lock looks whether the file that it is on still has the name, and
/// begins anew if not.
package final class TransientLock {
    private let path: String
    private let lock: FileLock
    /// Each is in vain only if a holder lets go in the moment between opening and locking.
    private static let mostAttempts = 100

    /// Takes the lock; nil if another process holds it, or others do in turn. `opened` is called when the file has been opened: in a test, what
    /// others do just then.
    package init?(_ path: String, opened: () -> Void = {}) throws(SystemError) {
        self.path = path
        for _ in 0..<TransientLock.mostAttempts {
            guard let lock = try FileLock(path, opened: opened) else { return nil }
            if try lock.isFile(at: path) {
                self.lock = lock
                return
            }
        }
        return nil
    }

    /// If somebody else took the file away meanwhile, the one that is there now is another holder's.
    deinit {
        guard (try? lock.isFile(at: path)) == true else { return }
        try? FileSystem.removeFile(path)
    }
}

extension FileLock {
    /// Whether it is on the file that has this name now.
    fileprivate func isFile(at path: String) throws(SystemError) -> Bool {
        try FileSystem.entry(at: path)?.inode == inode()
    }
}
