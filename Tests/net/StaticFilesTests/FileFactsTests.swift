import HTTP
import StaticFiles
import System
import Testing

@Suite struct FileFactsTests {
    private let time = 1_700_000_000 * second

    private func tag(_ file: OpenFile.Facts) -> EntityTag {
        FileFacts(file: file).versionOnDisk(type: "", time: time).plain.tag
    }

    @Test func whatWasJustChangedIsNotSettled() {
        let old = facts()
        #expect(FileFacts(file: old).areSettled(at: second + 1))
        #expect(!FileFacts(file: old).areSettled(at: second))
        #expect(!FileFacts(file: old).areSettled(at: -second), "the clock was set back")
        #expect(!FileFacts(file: old).areSettled(at: .min))
        #expect(!FileFacts(file: old, sibling: facts(changed: time)).areSettled(at: time))
        #expect(!FileFacts(file: facts(modified: time + 1)).areSettled(at: time), "a date ahead")
    }

    @Test func replicasAgreeOnALargeFile() {
        #expect(tag(facts(size: 1 << 20, modified: 5)).description == "\"100000-t5\"")
        #expect(tag(facts(modified: 5, changed: 6, inode: 1)).equalsStrongly(tag(facts(modified: 5, inode: 2))))
        #expect(!tag(facts(modified: 5)).equalsWeakly(tag(facts(modified: 6))))
        #expect(!tag(facts(size: 4)).equalsWeakly(tag(facts(size: 5))))
    }

    @Test func theTagIsWeakWhileAFurtherChangeWouldNotShow() {
        let fresh = tag(facts(changed: time - second))
        #expect(fresh.isWeak && fresh.equalsWeakly(tag(facts())))
    }

    @Test func aSiblingIsTheCompressedFormIfItIsSmaller() {
        let version = FileFacts(file: facts(size: 100), sibling: facts(size: 99, modified: 1))
            .versionOnDisk(type: "", time: time)
        #expect(version.gzip?.size == 99 && version.gzip?.bytes == nil)
        #expect(version.gzip?.tag.description == "\"63-t1-gzip\"")
        let useless = FileFacts(file: facts(size: 100), sibling: facts(size: 100)).versionOnDisk(type: "", time: time)
        #expect(useless.gzip == nil)
    }

    /// RFC 9110 section 8.8.2.1.
    @Test func noDateIsAhead() {
        let ahead = FileFacts(file: facts(modified: .max)).versionOnDisk(type: "", time: 784_111_777 * second)
        guard case .content(_, _, let head) = ahead.answer(HTTPRequestHead(method: .get, target: "/"), now: 0) else {
            Issue.record("no content")
            return
        }
        #expect(head.fields["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
