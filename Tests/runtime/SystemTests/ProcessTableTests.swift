import System
import Testing
import Timing

@Suite struct ProcessTableTests {
    @Test func aProcessThatWorksUsesCPUTime() throws {
        let before = try #require(ProcessTable.cpuTime(of: Program.pid))
        var sum: UInt64 = 0
        // The kernel counts in hundredths of a second.
        while try #require(ProcessTable.cpuTime(of: Program.pid)) < before + .milliseconds(20) {
            for number in 0..<100_000 as Range<UInt64> { sum &+= number }
        }
        #expect(sum > 0)
    }

    @Test func thereIsNoProcessBeyondTheLastPossibleId() {
        #expect(ProcessTable.cpuTime(of: .max) == nil)
        #expect(ProcessTable.identity(of: .max) == nil)
    }
}
