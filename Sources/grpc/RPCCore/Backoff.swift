/// How long to wait between attempts to connect (gRPC's connection-backoff.md).
package struct BackoffConfiguration: Hashable, Sendable {
    package var base: Duration
    package var multiplier: Double
    /// Each wait is drawn from 1 ± this fraction.
    package var jitter: Double
    package var maximum: Duration
    /// An attempt gets at least this long.
    package var minimumConnectTimeout: Duration

    package static let defaults = BackoffConfiguration(
        base: .seconds(1), multiplier: 1.6, jitter: 0.2, maximum: .seconds(120), minimumConnectTimeout: .seconds(20))
}

/// The sequence of waits after failures in a row.
package struct Backoff: Hashable, Sendable {
    private let configuration: BackoffConfiguration
    private var failures = 0

    package init(_ configuration: BackoffConfiguration) {
        self.configuration = configuration
    }

    /// The next wait; `random` is uniform in 0..<1.
    package mutating func next(random: Double) -> Duration {
        var seconds = configuration.base / .seconds(1)
        let limit = configuration.maximum / .seconds(1)
        for _ in 0..<failures where seconds < limit { seconds *= configuration.multiplier }
        failures = min(failures + 1, 1_000)
        let factor = 1 + configuration.jitter * (2 * random - 1)
        // Cut to what 64 bits hold (292 years), because the configuration is the operator's.
        return .nanoseconds(Int64(min(min(seconds, limit) * factor * 1e9, 9.2e18)))
    }

    package mutating func reset() { failures = 0 }
}
