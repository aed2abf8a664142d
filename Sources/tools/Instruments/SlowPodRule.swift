package import LoadBalancing

/// What part of the calls a policy gives to one slow pod of five.
package struct SlowPodRule: Equatable, Sendable {
    /// Percent of the calls.
    package let share: ClosedRange<Double>
    package let reason: String

    private init(_ share: ClosedRange<Double>, _ reason: String) {
        self.share = share
        self.reason = reason
    }

    package init(_ policy: LoadBalancingPolicyName) {
        switch policy {
        case .pickFirst: self.init(100...100, "one pod serves all, and that one is slow")
        case .roundRobin: self.init(19...21, "each fifth call, whatever it takes")
        // Two choices with replacement (gRFC A48): both are the slow one in 1 of 25 cases, busy or not; and it is free
        // for a moment after each of its answers, five times in 200 calls.
        case .leastRequest: self.init(2...10, "only when it is free, or is both of the two choices: 1 in 25")
        case .weightedRoundRobin: self.init(15...25, "weighs by load; who waits has none")
        case .peakEWMA: self.init(0...1, "one slow answer is enough for seconds")
        case .outlierDetection: self.init(19...21, "slow is not failed")
        }
    }
}
