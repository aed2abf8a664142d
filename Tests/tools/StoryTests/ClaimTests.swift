import Instruments
import Story
import Terminal
import Testing

@Suite struct ClaimTests {
    private let pods = ["a", "b", "c"]

    private func distribution(_ counts: [String: Int], errors: Int = 0) -> Distribution {
        var distribution = Distribution()
        for (pod, count) in counts { for _ in 0..<count { distribution.add(.success(pod)) } }
        for _ in 0..<errors { distribution.add(.failure(Failure("refused"))) }
        return distribution
    }

    private func objection(_ claim: Claim, _ counts: [String: Int], errors: Int = 0) -> String? {
        claim.objection(to: distribution(counts, errors: errors), pods: pods)
    }

    @Test func onePodMeansExactlyOne() {
        #expect(objection(.onePodServesAll, ["b": 9]) == nil)
        #expect(objection(.onePodServesAll, ["b": 8, "a": 1]) == "2 pods served, not one")
        #expect(objection(.onePodServesAll, [:]) == "0 pods served, not one")
    }

    @Test func evenMeansEveryPodAndADifferenceOfTwoAtMost() {
        #expect(objection(.podsShareEvenly, ["a": 10, "b": 12, "c": 11]) == nil)
        #expect(objection(.podsShareEvenly, ["a": 10, "b": 13, "c": 11]) != nil)
        #expect(objection(.podsShareEvenly, ["a": 1, "b": 1]) == "2 of 3 pods served")
    }

    @Test func anErrorOrAStrangerSpeaksAgainstEveryClaim() {
        #expect(objection(.onePodServesAll, ["b": 9], errors: 1) == "1 of 10 requests failed: refused")
        #expect(
            objection(.podsShareEvenly, ["a": 3, "b": 3, "c": 3, "x": 3]) == "x answered, which is none of the pods")
    }

    @Test func everyPodHasABarAsLongAsItsPart() {
        let lines = BarChart.lines(distribution(["a": 300, "bb": 100]), pods: ["a", "bb", "c"])
        #expect(
            lines == [
                "a   300  " + String(repeating: "█", count: 19), "bb  100  " + String(repeating: "█", count: 6),
                "c     0",
            ])
        #expect(BarChart.lines(distribution(["a": 999, "b": 1]), pods: ["b"]).first == "b     1  █")
    }
}
