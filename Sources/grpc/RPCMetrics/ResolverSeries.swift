import Events
import LoadBalancing
package import RPCClient
import System
package import Telemetry
import Timing

/// What the resolver of one channel did, and, for the channel that stands for all of a target, what it knows. No gRFC has
/// names for these.
final class ResolverSeries {
    private static let lookupsFamily = MetricFamily(
        "sample_resolver_lookups_total", .counter, help: "Look-ups of the target.")
    private static let failuresFamily = MetricFamily(
        "sample_resolver_failures_total", .counter, help: "Look-ups that found nothing of use; what was known stays.")
    fileprivate static let addressesFamily = MetricFamily(
        "sample_resolver_addresses", .gauge, help: "Addresses that the target has, as far as known.")
    fileprivate static let ageFamily = MetricFamily(
        "sample_resolver_answer_age_seconds", .gauge,
        help: "Time since the last answer, or the last word of a source that tells of changes by itself.")

    private let lookups: Counter
    private let failures: Counter
    private var counted = 0

    init(_ registry: MetricRegistry, _ target: (name: String, value: String)) {
        lookups = registry.counter(ResolverSeries.lookupsFamily, [target])
        failures = registry.counter(ResolverSeries.failuresFamily, [target])
    }

    func reported(lookups total: Int, hasFailed: Bool) {
        lookups.increment(by: UInt64(max(total - counted, 0)))
        counted = max(total, counted)
        if hasFailed { failures.increment() }
    }
}

extension ClientMetrics {
    /// Shows what a channel's resolver knows, as long as the channel has one: an IDLE one does not want to know. For one
    /// channel of a target: those of other loops know the same. On the channel's loop, which is to be the admin server's.
    package static func observeResolver(of channel: Channel, in registry: MetricRegistry) {
        let channel = LoopBound(channel, on: channel.loop)
        let labels = [(name: "grpc_target", value: channel.value.target.description)]
        registry.observe(ResolverSeries.addressesFamily, labels) {
            guard channel.value.idleReason == nil else { return nil }
            return Double(channel.value.resolverSnapshot.endpoints.lazy.flatMap(\.addresses).count)
        }
        registry.observe(ResolverSeries.ageFamily, labels) {
            guard channel.value.idleReason == nil else { return nil }
            return channel.value.resolverSnapshot.lastAnswer.map { Double((MonotonicClock.now - $0).nanoseconds) / 1e9 }
        }
    }
}
