import Instruments
import Terminal
import Testing

@Suite struct VerdictTests {
    @Test func itsLineSaysWhatSpeaksAgainstTheClaim() {
        let plain = Paint(isOn: false)
        #expect(Verdict("all is well").line(plain) == "✓ all is well")
        let verdict = Verdict("all is well", holds: false) { "2 failed" }
        #expect(verdict.about("now").line(plain) == "✗ now: all is well: not so, 2 failed")
    }
}
