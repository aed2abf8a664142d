/// How much a client may try again while its calls fail (gRFC A6, "Throttling Retry Attempts").
///
/// In thousandths: A6 gives a ratio three decimals, and integers add up exactly.
package struct RetryThrottling: Hashable, Sendable {
    /// A6 lets no configuration have more.
    package static let mostTokens = 1000

    package let maxMillitokens: Int
    /// What a call that succeeds gives back.
    package let millitokensPerSuccess: Int

    package init(maxMillitokens: Int, millitokensPerSuccess: Int) {
        self.maxMillitokens = maxMillitokens
        self.millitokensPerSuccess = millitokensPerSuccess
    }
}

/// The tokens of one server name: a failure takes one, a success gives some back, and while no more than half of them are
/// there nothing is tried again. A pure machine.
package struct RetryTokens: Hashable, Sendable {
    package static let perFailure = 1000

    package let throttling: RetryThrottling
    package private(set) var millitokens: Int

    package init(_ throttling: RetryThrottling) {
        self.throttling = throttling
        millitokens = throttling.maxMillitokens
    }

    package init(_ throttling: RetryThrottling, millitokens: Int) {
        self.throttling = throttling
        self.millitokens = millitokens
    }

    package var isThrottling: Bool { millitokens <= throttling.maxMillitokens / 2 }

    /// A call failed with a status that its policy names, or its server wants no retry. Answers whether retries rest now.
    package mutating func failed() -> Bool {
        millitokens = max(0, millitokens - RetryTokens.perFailure)
        return isThrottling
    }

    package mutating func succeeded() {
        millitokens = min(throttling.maxMillitokens, millitokens + throttling.millitokensPerSuccess)
    }
}
