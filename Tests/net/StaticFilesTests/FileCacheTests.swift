import StaticFiles
import System
import Testing
import Timing

@Suite struct FileCacheTests {
    private let old = FileFacts(file: facts())
    private let now = Instant(nanoseconds: 100)

    private func keep(
        _ text: String, gzip: String? = nil, at path: Substring, _ facts: FileFacts? = nil, time: Int64 = 10 * second,
        in cache: inout FileCache
    ) {
        cache.keep(version(text, gzip: gzip), at: path, of: facts ?? old, time: time, now: now)
    }

    private func text(_ version: FileVersion?) -> String? {
        version?.plain.bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func aKeptVersionIsForItsFactsOnly() {
        var cache = FileCache(limit: 100)
        keep("one", at: "a", in: &cache)
        #expect(text(cache.version(at: "a", of: old, now: now)) == "one")
        #expect(cache.version(at: "b", of: old, now: now) == nil)
        for change: (inout FileFacts) -> Void in [
            { $0.file.size = 4 }, { $0.file.modified = 1 }, { $0.file.changed = 1 }, { $0.file.inode = 8 },
            { $0.sibling = facts() },
        ] {
            var other = old
            change(&other)
            #expect(cache.version(at: "a", of: other, now: now) == nil)
        }
        #expect(text(cache.lastVersion(at: "a")) == "one")
    }

    @Test func namesAreComparedByTheirBytes() {
        var cache = FileCache(limit: 100)
        let (composed, decomposed): (Substring, Substring) = ("\u{FC}", "u\u{308}")
        #expect(composed == decomposed)
        keep("one", at: composed, in: &cache)
        #expect(cache.version(at: decomposed, checkedSince: now) == nil)
        #expect(cache.version(at: decomposed, of: old, now: now) == nil && cache.lastVersion(at: decomposed) == nil)
        keep("two", at: decomposed, in: &cache)
        #expect(text(cache.version(at: decomposed, checkedSince: now)) == "two" && cache.size == 3)
    }

    @Test func whatWasJustChangedIsLookedAtEachTime() {
        var cache = FileCache(limit: 100)
        keep("one", at: "a", time: second, in: &cache)
        #expect(cache.version(at: "a", of: old, now: now) == nil)
        #expect(cache.version(at: "a", checkedSince: now) == nil)
        #expect(text(cache.lastVersion(at: "a")) == "one")
        keep("two", at: "a", time: second + 1, in: &cache)
        #expect(text(cache.version(at: "a", of: old, now: now)) == "two")
    }

    @Test func aLookAtTheFactsLastsForAWhile() {
        var cache = FileCache(limit: 100)
        let later = now + .milliseconds(1)
        keep("one", at: "a", in: &cache)
        #expect(text(cache.version(at: "a", checkedSince: now)) == "one")
        #expect(cache.version(at: "a", checkedSince: later) == nil)
        _ = cache.version(at: "a", of: FileFacts(file: facts(inode: 8)), now: later)
        #expect(cache.version(at: "a", checkedSince: later) == nil, "another file was seen")
        _ = cache.version(at: "a", of: old, now: later)
        #expect(text(cache.version(at: "a", checkedSince: later)) == "one")
    }

    @Test func theBodiesTogetherStayBelowTheLimit() {
        var cache = FileCache(limit: 10)
        keep("12", gzip: "34", at: "a", in: &cache)
        keep("5678", at: "b", in: &cache)
        keep("123456", at: "a", in: &cache)
        #expect(cache.size == 10, "a replaced version no longer counts")
        keep("1", at: "c", in: &cache)
        #expect(cache.size == 1)
        #expect(cache.lastVersion(at: "a") == nil && cache.lastVersion(at: "c") != nil)
        keep("12345678", gzip: "901", at: "d", in: &cache)
        #expect(cache.lastVersion(at: "d") == nil && cache.size == 1)
        keep("12345678901", at: "c", in: &cache)
        #expect(cache.lastVersion(at: "c") == nil && cache.size == 0)
    }
}
