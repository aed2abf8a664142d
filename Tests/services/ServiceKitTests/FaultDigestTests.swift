import ServiceKit
import Testing
import Timing

@Suite struct FaultDigestTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test func aCauseIsToldOnceAMinuteWithHowOftenItHappened() {
        var digest = FaultDigest<String>()
        #expect(digest.note("expired", "a", at: start) == "a")
        #expect(digest.note("expired", "b", at: start + .seconds(1)) == nil)
        #expect(digest.note("expired", "c", at: start + .milliseconds(59_999)) == nil)
        #expect(
            digest.note("expired", "d", at: start + .seconds(60))
                == "d (and 2 more of this kind since the last such line)")
        #expect(digest.note("expired", "e", at: start + .seconds(61)) == nil)
        #expect(
            digest.note("expired", "f", at: start + .seconds(600))
                == "f (and 1 more of this kind since the last such line)")
        #expect(digest.note("expired", "g", at: start + .seconds(6000)) == "g")
    }

    @Test func causesDoNotHideEachOther() {
        var digest = FaultDigest<String>()
        #expect(digest.note("expired", "a", at: start) == "a")
        #expect(digest.note("wrong name", "b", at: start) == "b")
    }
}
