package import Events
package import Web

/// Responses with whole files in them, each valid as long as its file has not changed. Pure: facts and time are inputs.
package struct FileCache {
    /// A file system counts time in ticks (4 ms where the kernel has 250 a second): two changes within one look alike.
    /// A file that was just changed is therefore read anew until its last change is this long ago, in nanoseconds.
    private static let settled: Int64 = 1_000_000_000

    private struct Entry {
        let facts: OpenFile.Facts
        let response: HTTPResponse
        let size: Int
    }

    /// Bytes of all bodies together.
    private let limit: Int
    package private(set) var size = 0
    private var entries: [String: Entry] = [:]

    package init(limit: Int) {
        self.limit = limit
    }

    /// nil unless this very content was kept.
    package func response(for path: String, _ facts: OpenFile.Facts) -> HTTPResponse? {
        guard let entry = entries[path], entry.facts == facts else { return nil }
        return entry.response
    }

    /// `now` is the wall clock in nanoseconds since 1970. When the limit is reached everything goes: a site that fits
    /// never gets there, and one that does not fit has no use for a better choice.
    package mutating func keep(_ response: HTTPResponse, for path: String, _ facts: OpenFile.Facts, now: Int64) {
        if let old = entries.removeValue(forKey: path) { size -= old.size }
        let (age, overflow) = now.subtractingReportingOverflow(facts.changed)
        guard !overflow, age > FileCache.settled, let count = response.body.bytes?.count, count <= limit else { return }
        if count > limit - size {
            entries.removeAll()
            size = 0
        }
        size += count
        entries[path] = Entry(facts: facts, response: response, size: count)
    }
}
