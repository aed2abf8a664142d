package import Timing

/// Small files in memory, each valid as long as its facts have not changed. Pure: facts and time are inputs.
package struct FileCache {
    private struct Entry {
        let path: Substring
        let version: FileVersion
        let facts: FileFacts
        let isSettled: Bool
        /// When the facts were looked at last.
        var checked: Instant

        var size: Int { version.plain.size + (version.gzip?.size ?? 0) }
    }

    /// Bytes of all representations together.
    private let limit: Int
    package private(set) var size = 0
    private var entries: [Substring: Entry] = [:]

    package init(limit: Int) {
        self.limit = limit
    }

    /// What was there at `time` or later, without looking.
    package func version(at path: Substring, checkedSince time: Instant) -> FileVersion? {
        guard let entry = entry(at: path), entry.isSettled, entry.checked >= time else { return nil }
        return entry.version
    }

    /// nil unless a version with these very facts was kept.
    package mutating func version(at path: Substring, of facts: FileFacts, now: Instant) -> FileVersion? {
        guard let entry = entry(at: path), entry.isSettled, entry.facts == facts else { return nil }
        entries[path]?.checked = now
        return entry.version
    }

    /// The version that was kept last, whether it is still valid or not.
    package func lastVersion(at path: Substring) -> FileVersion? { entry(at: path)?.version }

    /// For Swift two spellings of `ü` are one key; for the file system they are two files.
    private func entry(at path: Substring) -> Entry? {
        guard let entry = entries[path], entry.path.utf8.elementsEqual(path.utf8) else { return nil }
        return entry
    }

    /// `time` is the wall clock in nanoseconds since 1970, `now` the loop's. When the limit is reached everything goes:
    /// a site that fits never gets there, and one that does not fit has no use for a better choice.
    package mutating func keep(
        _ version: FileVersion, at path: Substring, of facts: FileFacts, time: Int64, now: Instant
    ) {
        if let old = entries.removeValue(forKey: path) { size -= old.size }
        let entry = Entry(
            path: path, version: version, facts: facts, isSettled: facts.areSettled(at: time), checked: now)
        guard entry.size <= limit else { return }
        if entry.size > limit - size {
            entries.removeAll()
            size = 0
        }
        size += entry.size
        entries[path] = entry
    }
}
