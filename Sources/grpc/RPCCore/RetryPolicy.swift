/// When a call that a server failed is tried again (gRFC A6, "retry policy").
package struct RetryPolicy: Hashable, Sendable {
    /// A6 lets no configuration have more.
    package static let mostAttempts = 5

    /// The first one included.
    package let maxAttempts: Int
    package let initialBackoff: Duration
    package let maxBackoff: Duration
    package let backoffMultiplier: Double
    package let retryableStatusCodes: Set<StatusCode>

    package init(
        maxAttempts: Int, initialBackoff: Duration, maxBackoff: Duration, backoffMultiplier: Double,
        retryableStatusCodes: Set<StatusCode>
    ) {
        self.maxAttempts = min(maxAttempts, RetryPolicy.mostAttempts)
        self.initialBackoff = initialBackoff
        self.maxBackoff = maxBackoff
        self.backoffMultiplier = backoffMultiplier
        self.retryableStatusCodes = retryableStatusCodes
    }

    /// What the server says of trying again (`grpc-retry-pushback-ms`).
    package enum Pushback: Hashable, Sendable {
        /// Nothing.
        case none
        case wait(Duration)
        /// A negative number, or no number.
        case never

        package init(_ trailers: Metadata) {
            guard let text = trailers["grpc-retry-pushback-ms"] else {
                self = .none
                return
            }
            // More than 32 bits of milliseconds, which are 24 days, is no wait that anybody means.
            self = UInt32(text).map { .wait(.milliseconds(Int64($0))) } ?? .never
        }
    }

    /// The wait before the retry after so many waits of its own; `random` is uniform in 0..<1. The jitter is ± 20 %.
    func backoff(after waits: Int, random: Double) -> Duration {
        var seconds = initialBackoff / .seconds(1)
        let limit = maxBackoff / .seconds(1)
        for _ in 0..<waits { seconds *= backoffMultiplier }
        // In this order what is no number becomes the longest wait.
        return .nanoseconds(Int64(max(0, min(9.2e18, min(limit, seconds) * (0.8 + 0.4 * random) * 1e9))))
    }
}
