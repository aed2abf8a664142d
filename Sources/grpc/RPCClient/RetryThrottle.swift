package import RPCCore
import Synchronization

/// The tokens of a server name, for all channels to it: those of a program's loops count together, as A6 asks ("per
/// server name").
///
/// A success while all tokens are there, the usual case, only reads; so loops do not take the value from each other.
package final class RetryThrottle: Sendable {
    package let throttling: RetryThrottling
    private let millitokens: Atomic<Int>

    package init(_ throttling: RetryThrottling) {
        self.throttling = throttling
        millitokens = Atomic(throttling.maxMillitokens)
    }

    package var tokens: RetryTokens {
        RetryTokens(throttling, millitokens: millitokens.load(ordering: .relaxed))
    }

    func succeeded() {
        _ = change { tokens in
            tokens.succeeded()
            return tokens.isThrottling
        }
    }

    /// Answers whether retries rest now.
    func failed() -> Bool { change { $0.failed() } }

    private func change(_ body: (inout RetryTokens) -> Bool) -> Bool {
        var known = millitokens.load(ordering: .relaxed)
        while true {
            var tokens = RetryTokens(throttling, millitokens: known)
            let answer = body(&tokens)
            if tokens.millitokens == known { return answer }
            let outcome = millitokens.weakCompareExchange(
                expected: known, desired: tokens.millitokens, ordering: .relaxed)
            if outcome.exchanged { return answer }
            known = outcome.original
        }
    }
}
