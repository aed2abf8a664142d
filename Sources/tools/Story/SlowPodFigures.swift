import LoadBalancing
import Terminal
import Timing

/// What one policy did with one slow pod of five, beside what follows from its rule.
struct SlowPodFigures {
    let policy: LoadBalancingPolicyName
    /// Of the calls, in percent.
    let share: Double
    /// Milliseconds; before, and with the slow pod.
    let median: (before: Double, after: Double)
    let p99: (before: Double, after: Double)
    let failed: Int

    init(policy: LoadBalancingPolicyName, pod: String, before: LoadRecord, after: LoadRecord, wasLost: Int) {
        self.policy = policy
        let distribution = after.distribution
        share = 100 * Double(distribution.served[pod] ?? 0) / Double(max(1, distribution.total))
        median = (before.milliseconds(0.5), after.milliseconds(0.5))
        p99 = (before.milliseconds(0.99), after.milliseconds(0.99))
        failed = before.failures.count + wasLost + after.failures.count
    }

    private struct Theory {
        /// Percent of the calls.
        let bounds: ClosedRange<Double>
        let reason: String
    }

    private var theory: Theory {
        switch policy {
        case .pickFirst: Theory(bounds: 100...100, reason: "one pod serves all, and that one is slow")
        case .roundRobin: Theory(bounds: 19...21, reason: "each fifth call, whatever it takes")
        // Two choices with replacement (gRFC A48): both are the slow one in 1 of 25 cases, busy or not; and it is free
        // for a moment after each of its answers, five times in 200 calls.
        case .leastRequest:
            Theory(bounds: 2...10, reason: "only when it is free, or is both of the two choices: 1 in 25")
        case .weightedRoundRobin: Theory(bounds: 15...25, reason: "weighs by load; who waits has none")
        case .peakEWMA: Theory(bounds: 0...1, reason: "one slow answer is enough for seconds")
        case .outlierDetection: Theory(bounds: 19...21, reason: "slow is not failed")
        }
    }

    var verdict: Verdict {
        let bounds = theory.bounds
        let range =
            bounds.lowerBound == bounds.upperBound
            ? "\(text(bounds.lowerBound)) %" : "\(text(bounds.lowerBound)) to \(text(bounds.upperBound)) %"
        return Verdict("\(policy.rawValue): \(range) of the calls", holds: bounds.contains(share) && failed == 0) {
            "\(text(share)) %, \(failed) failed"
        }.because(theory.reason)
    }

    /// As it is found.
    var line: String {
        "\(policy.rawValue.padded(to: 20))  slow pod's share \(text(share)) %, p99 \(text(p99.after)) ms"
    }

    static let legend = """
        SHARE: of calls that went to the slow pod. THEORY: what follows from the policy's rule. P50, P99: what
        callers of /go/sample saw, in ms, before and with the slow pod. P99 stays as it was only where fewer
        than one call in a hundred meets the slow pod.

        """

    static func table(_ rows: [SlowPodFigures]) -> Table {
        var table = Table(["POLICY", "SHARE", "THEORY", "P50", "P99"])
        table.rows = rows.map { row in
            let bounds = row.theory.bounds
            return [
                row.policy.rawValue, "\(row.text(row.share)) %",
                "\(row.text(bounds.lowerBound))–\(row.text(bounds.upperBound)) %",
                "\(row.text(row.median.before)) → \(row.text(row.median.after))",
                "\(row.text(row.p99.before)) → \(row.text(row.p99.after))",
            ]
        }
        return table
    }

    private func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}

extension LoadRecord {
    fileprivate func milliseconds(_ percentile: Double) -> Double {
        Double(latency(percentile: percentile)?.nanoseconds ?? 0) / 1_000_000
    }

    var failedShare: String { "\(failures.count) of \(calls.count)" }
}

extension Distribution {
    /// The pod that served most.
    var busiest: String? { served.max { $0.value < $1.value }?.key }
}
