import Terminal
import Testing

@Suite struct TableTests {
    private var table: Table {
        var table = Table(["NAME", "N", "WHY"])
        table.rows = [["first", "1", "because it is so"], ["second", "22", "no"]]
        return table
    }

    @Test func columnsAreAsWideAsTheyNeedToBe() {
        let text = """
            NAME     N    WHY
            first    1    because it is so
            second   22   no

            """
        #expect(table.text == text)
        #expect(table.text(sentencesWithin: 30) == text)
    }

    @Test func whatIsTooWideIsPutCloserTogether() {
        #expect(
            table.text(sentencesWithin: 29) == """
                NAME    N   WHY
                first   1   because it is so
                second  22  no

                """)
    }

    @Test func theLastColumnGoesBelowWhereThereIsNoRoomForIt() {
        #expect(
            table.text(sentencesWithin: 20) == """
                NAME     N
                    WHY
                first    1
                    because it is so
                second   22
                    no

                """)
        #expect(table.text(sentencesWithin: 14).contains("\n    because it\n    is so\n"))
    }
}
