import HTTP
import Testing
import gateway

@Suite struct StreamParametersTests {
    @Test(arguments: [
        ("", UInt32(10), UInt32(1000)), ("count=10000&interval_ms=60000", 10_000, 60_000), ("count=1", 1, 1000),
    ])
    func reads(query: String, count: UInt32, interval: UInt32) throws {
        let parameters = try StreamParameters(QueryParameters(query[...]))
        #expect(parameters.count == count && parameters.intervalMilliseconds == interval)
    }

    @Test func thePodTakesTheIntervalsBetweenTheMessages() throws {
        #expect(try StreamParameters(QueryParameters("count=4&interval_ms=200")).duration == .milliseconds(600))
        #expect(try StreamParameters(QueryParameters("count=1&interval_ms=200")).duration == .zero)
    }

    @Test(arguments: ["count=0", "count=10001", "interval_ms=60001", "interval_ms=-1", "delay=1"])
    func refuses(query: String) {
        #expect(throws: QueryProblem.self) { try StreamParameters(QueryParameters(query[...])) }
    }
}
