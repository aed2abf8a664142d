import Glibc

/// Something that is open for reading, and what it was when it was opened.
package struct OpenFile: ~Copyable {
    package enum Kind: Hashable, Sendable {
        case file, directory, other
    }

    /// Two readings that are equal are, as far as the file system can tell, of the same content.
    package struct Facts: Hashable, Sendable {
        package var kind: Kind
        package var size: Int
        /// When the content was changed last, in nanoseconds since 1970.
        package var modified: Int64
        /// When anything was changed last; unlike `modified`, nobody can set it back.
        package var changed: Int64
        package var inode: UInt64

        package init(kind: Kind, size: Int, modified: Int64, changed: Int64, inode: UInt64) {
            self.kind = kind
            self.size = size
            self.modified = modified
            self.changed = changed
            self.inode = inode
        }

        fileprivate init(_ raw: stat) {
            kind =
                switch raw.st_mode & S_IFMT {
                case S_IFREG: .file
                case S_IFDIR: .directory
                default: .other
                }
            size = Int(raw.st_size)
            modified = OpenFile.nanoseconds(raw.st_mtim)
            changed = OpenFile.nanoseconds(raw.st_ctim)
            inode = UInt64(raw.st_ino)
        }

        /// Of what a path leads to, through links: what a Secret's volume shows is changed by changing a link.
        package init(at path: String) throws(SystemError) {
            var raw = stat()
            if unsafe stat(path, &raw) < 0 { throw SystemError.last("look at \(path)") }
            self.init(raw)
        }
    }

    package let facts: Facts
    private let descriptor: Int32

    /// Takes the descriptor over.
    init(_ descriptor: Int32) throws(SystemError) {
        var raw = stat()
        if unsafe fstat(descriptor, &raw) < 0 {
            let error = SystemError.last("look at an open file")
            close(descriptor)
            throw error
        }
        facts = Facts(raw)
        self.descriptor = descriptor
    }

    /// Opens a file for reading, not by way of a link.
    package init(at path: String) throws(SystemError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { throw SystemError.last("open \(path)") }
        try self.init(descriptor)
    }

    deinit { close(descriptor) }

    func withDescriptor<Result>(_ body: (Int32) -> Result) -> Result { body(descriptor) }

    /// The bytes from here to the end, at most `limit` of them. A file that grows meanwhile gives what it has by then.
    package func read(limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        // One more, so that the end is seen without a second round.
        var room = min(max(facts.size, 0), limit) + 1
        while bytes.count < limit {
            let wanted = min(room, limit - bytes.count)
            var failure: SystemError?
            let block = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                let got = retryingInterrupted { unsafe Glibc.read(descriptor, buffer.baseAddress, wanted) }
                if got < 0 { failure = SystemError.last("read an open file") }
                count = max(got, 0)
            }
            if let failure { throw failure }
            if block.isEmpty { break }
            if bytes.isEmpty { bytes = block } else { bytes += block }
            room = 64 * 1024
        }
        return bytes
    }

    /// The bytes from `offset` on, at most `limit` of them; none at the end of the file.
    package func read(at offset: Int, limit: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let block = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let got = retryingInterrupted { unsafe pread(descriptor, buffer.baseAddress, limit, offset) }
            if got < 0 { failure = SystemError.last("read an open file") }
            count = max(got, 0)
        }
        if let failure { throw failure }
        return block
    }

    /// Saturating, so that no file's date can trap.
    fileprivate static func nanoseconds(_ time: timespec) -> Int64 {
        let (product, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return time.tv_sec < 0 ? .min : .max }
        let (sum, overflow2) = product.addingReportingOverflow(Int64(time.tv_nsec))
        return overflow2 ? .max : sum
    }
}
