import HTTPTransport
import Testing

@Suite struct OpeningMatchTests {
    private func verdicts(_ pieces: String..., opening: String = "PRI *\n") -> [OpeningMatch.Verdict] {
        var match = OpeningMatch(Array(opening.utf8))
        return pieces.map { match.receive(Array($0.utf8).span) }
    }

    @Test func theWholeAtOnceWithMoreBehindIt() {
        #expect(verdicts("PRI *\n\nSM") == [.complete(before: [])])
    }

    @Test func byteByByte() {
        let before = Array("PRI *".utf8)[...]
        #expect(
            verdicts("P", "R", "I", " ", "*", "\n") == [.more, .more, .more, .more, .more, .complete(before: before)])
    }

    @Test func theFirstOtherByteDecides() {
        #expect(verdicts("POST /") == [.other])
        #expect(verdicts("P", "U") == [.more, .other])
        #expect(verdicts("PRI *", "\r") == [.more, .other])
        #expect(verdicts("", "x") == [.more, .other])
    }
}
