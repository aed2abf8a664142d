import RPCCore
import Testing

@Suite struct RetryThrottlingTests {
    private let throttling = RetryThrottling(maxMillitokens: 4_000, millitokensPerSuccess: 300)

    @Test func halfOfTheTokensIsTheEndOfRetries() {
        var tokens = RetryTokens(throttling)
        #expect(!tokens.isThrottling)
        let first = tokens.failed()
        // Two of four: not above the half.
        let second = tokens.failed()
        #expect((first, second) == (false, true))
        #expect(tokens.isThrottling)
        tokens.succeeded()
        #expect(!tokens.isThrottling)
        #expect(tokens.millitokens == 2_300)
    }

    @Test func thereAreNeverLessThanNoneNorMoreThanAll() {
        var tokens = RetryTokens(throttling)
        for _ in 0..<10 { _ = tokens.failed() }
        #expect(tokens.millitokens == 0)
        for _ in 0..<100 { tokens.succeeded() }
        #expect(tokens.millitokens == 4_000)
    }
}
