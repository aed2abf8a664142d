import Settings
import Testing
import samplectl

@Suite struct TroubleCommandTests {
    @Test func wordsBecomeAQuery() throws {
        #expect(try TroubleCommand.query([]) == nil)
        #expect(try TroubleCommand.query(["off"]) == "off")
        let query = try TroubleCommand.query(["delay=50ms", "fail=0.2", "code=ABORTED"])
        #expect(query == "delay=50ms&fail=0.2&code=ABORTED")
    }

    @Test(arguments: ["on", "delay", "delay=", "dely=1s", "off=1", "delay=1s&off", "fail=20%", "code=A B", "for=é", ""])
    func whatIsNoTroubleIsNamed(_ word: String) {
        let error = #expect(throws: UsageError.self) { try TroubleCommand.query([word]) }
        #expect(error?.description.contains("'\(word)'") == true)
        #expect(throws: UsageError.self) { try TroubleCommand.query(["off", word]) }
    }
}
