import Lab
import Testing

@Suite struct SharesTests {
    @Test func sharesAreOfAllThatWereServedAndCountPodsThatHadNone() {
        let shares = Shares([300, 100, 0])
        #expect(shares.busiest == 75 && shares.idlest == 0)
    }

    @Test func fairnessIsOneIfAllServeTheSameAndOneInNIfOneServesAll() throws {
        #expect(Shares([7, 7, 7, 7, 7]).fairness == 1)
        #expect(Shares([500, 0, 0, 0, 0]).fairness == 0.2)
        let between = try #require(Shares([110, 91, 100, 99, 100]).fairness)
        #expect(between > 0.99 && between < 1)
    }

    @Test func withoutCallsThereIsNothingToSay() {
        let shares = Shares([0, 0])
        #expect(shares.busiest == nil && shares.idlest == nil && shares.fairness == nil)
        #expect(Shares([]).fairness == nil)
    }
}
