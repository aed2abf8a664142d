import Bytes
import Testing

@Suite struct ParagraphsTests {
    @Test func whatFitsStaysAsItIs() {
        let text = "usage: this\n\n  a    first\n  bbb  second\n\nThe end,\nof it."
        #expect(Paragraphs.fit(text) == text)
    }

    @Test func linesAreBrokenAtBlanks() {
        #expect(Paragraphs.fit("one two three", width: 7) == "one two\nthree")
        #expect(Paragraphs.fit("one\ntwo three four", width: 9) == "one two\nthree\nfour", "one paragraph")
        #expect(Paragraphs.fit("one two\n\nthree four", width: 7) == "one two\n\nthree\nfour", "two of them")
    }

    @Test func aWordThatIsTooLongHasALineOfItsOwn() {
        #expect(Paragraphs.fit("see /a/long/path now", width: 8) == "see\n/a/long/path\nnow")
    }

    @Test func anIndentedLineGoesOnBelowItsText() {
        #expect(Paragraphs.fit("  one two three", width: 9) == "  one two\n  three")
        #expect(Paragraphs.fit("  a  one two three", width: 12) == "  a  one two\n     three")
    }

    @Test func aHeadThatIsTooLongStandsAlone() {
        #expect(Paragraphs.item("  --a D", "one two", column: 9, width: 16) == ["  --a D  one two"])
        #expect(
            Paragraphs.item("  --long D", "one two", column: 8, width: 11) == [
                "  --long D", "        one", "        two",
            ])
    }

    @Test func coloursTakeNoRoom() {
        #expect(Paragraphs.columns(of: "\u{1b}[32mgreen\u{1b}[0m ü") == 7)
    }
}
