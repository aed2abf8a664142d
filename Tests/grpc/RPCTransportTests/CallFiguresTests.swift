import RPCTransport
import Testing
import Timing

@Suite struct CallFiguresTests {
    @Test func whatHasBegunAndNotEndedIsOpen() {
        var figures = CallFigures()
        #expect(figures.open == 0)
        for second in 1...4 { figures.begin(at: Instant(nanoseconds: 0) + .seconds(second)) }
        figures.end(true)
        figures.end(false)
        #expect(figures.open == 2)
        var other = CallFigures()
        other.begin(at: Instant(nanoseconds: 0))
        figures.add(other)
        #expect(figures.open == 3 && figures.lastStarted == Instant(nanoseconds: 4_000_000_000))
    }
}
