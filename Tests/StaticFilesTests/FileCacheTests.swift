import Events
import HTTP
import StaticFiles
import Testing
import Web

@Suite struct FileCacheTests {
    private let facts = OpenFile.Facts(kind: .file, size: 3, modified: 0, changed: 0, inode: 7)
    private let second: Int64 = 1_000_000_000

    private func response(_ text: String) -> HTTPResponse { .text(.ok, text) }

    @Test func aKeptResponseIsForThatContentOnly() {
        var cache = FileCache(limit: 100)
        cache.keep(response("one"), for: "a", facts, now: 10 * second)
        #expect(cache.response(for: "a", facts)?.body.bytes == Array("one".utf8))
        #expect(cache.response(for: "b", facts)?.body.bytes == nil)
        for change: (inout OpenFile.Facts) -> Void in [
            { $0.size = 4 }, { $0.modified = 1 }, { $0.changed = 1 }, { $0.inode = 8 },
        ] {
            var other = facts
            change(&other)
            #expect(cache.response(for: "a", other) == nil)
        }
    }

    @Test func aFileThatWasJustChangedIsNotKept() {
        var cache = FileCache(limit: 100)
        cache.keep(response("one"), for: "a", facts, now: second)
        #expect(cache.response(for: "a", facts) == nil)
        cache.keep(response("one"), for: "a", facts, now: second + 1)
        #expect(cache.response(for: "a", facts) != nil)
        // The clock was set back, or the file's date ahead.
        cache.keep(response("one"), for: "a", facts, now: .min)
        #expect(cache.response(for: "a", facts) == nil && cache.size == 0)
    }

    @Test func theBodiesTogetherStayBelowTheLimit() {
        var cache = FileCache(limit: 10)
        for (name, text) in [("a", "1234"), ("b", "5678"), ("a", "123456")] {
            cache.keep(response(text), for: name, facts, now: 10 * second)
        }
        #expect(cache.size == 10, "a replaced response no longer counts")
        cache.keep(response("1"), for: "c", facts, now: 10 * second)
        #expect(cache.size == 1)
        #expect(cache.response(for: "a", facts) == nil && cache.response(for: "c", facts) != nil)
        cache.keep(response("12345678901"), for: "d", facts, now: 10 * second)
        #expect(cache.response(for: "d", facts) == nil && cache.size == 1)
    }
}
