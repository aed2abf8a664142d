/// The policies that exist, by the names that service configs use; so do settings, the chart and samplectl, for which a
/// name alone means the policy with its defaults.
package enum LoadBalancingPolicyName: String, Hashable, Sendable, CaseIterable {
    case pickFirst = "pick_first"
    case roundRobin = "round_robin"
    case leastRequest = "least_request"
    case weightedRoundRobin = "weighted_round_robin"
    case peakEWMA = "peak_ewma"
    case outlierDetection = "outlier_detection"

    /// For people, who may choose one.
    package static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// `seed` decides what is random in the policy.
    package func makePolicy(seed: UInt64) -> any LoadBalancingPolicy {
        LoadBalancingConfiguration(self).makePolicy(seed: seed)
    }
}
