import CLinux
import Glibc

/// A directory whose files are read by names that strangers choose: no name leads out of it.
///
/// The directory is opened anew for each look-up, so that one which is replaced as a whole is seen. Links that stay
/// inside are followed (a ConfigMap volume consists of them); one that leads out counts as nothing.
package struct FileTree: Hashable, Sendable {
    package let root: String

    /// Throws if `root` is not a directory that can be read.
    package init(_ root: String) throws(SystemError) {
        self.root = root
        close(try FileTree.openDirectory(root))
    }

    /// How a path is followed without leaving the tree.
    package enum Way: CaseIterable, Sendable {
        /// By the kernel in one step (openat2, Linux 5.6).
        case kernel
        /// Name by name, where that is missing; then no link is followed at all.
        case stepwise
    }

    /// The file or directory that is found by going down these names, the last one included; nil if there is none.
    ///
    /// Throws for what is there and cannot be opened, and when the root itself is gone. Blocks as long as the disk does.
    package func open(_ names: [String], by way: Way = .kernel) throws(SystemError) -> OpenFile? {
        guard names.allSatisfy(FileTree.isName) else { return nil }
        let directory = try FileTree.openDirectory(root)
        defer { close(directory) }
        var descriptor: Int32
        switch way {
        case .kernel:
            descriptor = FileTree.resolve(names, below: directory)
            // ENOSYS: an older kernel, or gVisor. EPERM: a seccomp profile that does not know openat2.
            if descriptor < 0, errno == ENOSYS || errno == EPERM { fallthrough }
        case .stepwise:
            descriptor = FileTree.walk(names, below: directory)
        }
        if descriptor >= 0 { return try OpenFile(descriptor) }
        // ELOOP and EXDEV are links that the two ways refuse; ENXIO is a socket.
        if [ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP, EXDEV, ENXIO].contains(errno) { return nil }
        throw SystemError.last("open \(names.joined(separator: "/")) in \(root)")
    }

    private static func resolve(_ names: [String], below directory: Int32) -> Int32 {
        let path = names.isEmpty ? "." : names.joined(separator: "/")
        // EAGAIN: something above was renamed meanwhile, and the kernel cannot tell whether the result is still inside.
        for _ in 0..<8 {
            let descriptor = retryingInterrupted { unsafe clinux_open_beneath(directory, path) }
            if descriptor >= 0 || errno != EAGAIN { return descriptor }
        }
        return -1
    }

    private static func walk(_ names: [String], below directory: Int32) -> Int32 {
        var current = unsafe openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for (index, name) in names.enumerated() where current >= 0 {
            let kind = index == names.count - 1 ? O_NOCTTY | O_NONBLOCK : O_DIRECTORY
            let next = unsafe openat(current, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | kind)
            let code = errno
            close(current)
            errno = code
            current = next
        }
        return current
    }

    private static func openDirectory(_ path: String) throws(SystemError) -> Int32 {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw SystemError.last("open directory \(path)") }
        return descriptor
    }

    /// One component of a path. A NUL would end the path early, a slash would make two of it.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.allSatisfy { $0 != 0 && $0 != UInt8(ascii: "/") }
    }
}
