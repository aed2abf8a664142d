import RPCCore
import Testing
import gateway

@Suite struct DistributionTests {
    private func distribution(_ counts: KeyValuePairs<String, Int>) -> Distribution {
        var distribution = Distribution()
        for (pod, count) in counts {
            for _ in 0..<count { distribution.addReply(from: pod, after: .milliseconds(1)) }
        }
        return distribution
    }

    @Test func countsByPodInTheOrderOfNames() {
        let distribution = distribution(["b": 2, "a": 1])
        #expect(distribution.pods.map(\.hostname) == ["a", "b"] && distribution.pods.map(\.count) == [1, 2])
        #expect(distribution.succeeded == 3 && distribution.failed == 0)
    }

    @Test func fairnessIsJainsIndex() {
        #expect(distribution(["a": 7, "b": 7, "c": 7]).fairness == 1)
        #expect(distribution(["a": 3, "b": 1]).fairness == 0.8)
        #expect(distribution(["a": 200]).fairness == 1, "one pod is all that answered: read it beside their number")
        #expect(Distribution().fairness == nil)
    }

    @Test func percentilesAreOfTheNearestRank() throws {
        var distribution = Distribution()
        for milliseconds in (1...200).reversed() {
            distribution.addReply(from: "a", after: .milliseconds(milliseconds))
        }
        let latency = try #require(distribution.latency)
        #expect(latency.median == .milliseconds(100) && latency.p90 == .milliseconds(180))
        #expect(latency.p99 == .milliseconds(198) && latency.longest == .milliseconds(200))
    }

    @Test func oneAnswerIsEveryPercentile() throws {
        let latency = try #require(distribution(["a": 1]).latency)
        #expect(latency.median == .milliseconds(1) && latency.p99 == .milliseconds(1))
        #expect(Distribution().latency == nil)
    }

    @Test func failuresAreCountedByCodeWithTheFirstMessage() {
        var distribution = Distribution()
        distribution.addFailure(RPCError(.unavailable, "first"))
        distribution.addFailure(RPCError(.deadlineExceeded, "late"))
        distribution.addFailure(RPCError(.unavailable, "second"))
        #expect(distribution.failed == 3 && distribution.problems.map(\.count) == [2, 1])
        #expect(distribution.problems.map(\.message) == ["first", "late"])
    }
}
