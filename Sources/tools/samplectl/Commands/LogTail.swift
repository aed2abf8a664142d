import System

/// Reads a growing file line by line.
package struct LogTail {
    package let path: String
    private var offset = 0
    private var inode: UInt64?
    private var partial: [UInt8] = []

    package init(path: String) {
        self.path = path
    }

    /// The lines that are complete since the last call; with `atEnd` also a last one without its line feed. When the
    /// file has been renamed and begun anew, reading begins anew.
    package mutating func newLines(atEnd: Bool) -> [String] {
        guard let entry = (try? FileSystem.entry(at: path)) ?? nil else { return [] }
        if entry.inode != inode || entry.size < offset {
            inode = entry.inode
            offset = 0
        }
        guard entry.size > offset, let bytes = try? FileSystem.read(path, from: offset) else { return flush(atEnd) }
        offset += bytes.count
        partial += bytes
        var lines = partial.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let rest = lines.popLast() ?? []
        let complete = lines.map { String(decoding: $0, as: UTF8.self) }
        partial = Array(rest)
        return complete + flush(atEnd)
    }

    private mutating func flush(_ atEnd: Bool) -> [String] {
        guard atEnd, !partial.isEmpty else { return [] }
        defer { partial = [] }
        return [String(decoding: partial, as: UTF8.self)]
    }
}
