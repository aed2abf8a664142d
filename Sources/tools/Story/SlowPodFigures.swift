import Instruments
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
        median = (before.milliseconds(percentile: 0.5), after.milliseconds(percentile: 0.5))
        p99 = (before.milliseconds(percentile: 0.99), after.milliseconds(percentile: 0.99))
        failed = before.failures.count + wasLost + after.failures.count
    }

    private var rule: SlowPodRule { SlowPodRule(policy) }

    var verdict: Verdict {
        let bounds = rule.share
        let range =
            bounds.lowerBound == bounds.upperBound
            ? "\(text(bounds.lowerBound)) %" : "\(text(bounds.lowerBound)) to \(text(bounds.upperBound)) %"
        return Verdict("\(policy.rawValue): \(range) of the calls", holds: bounds.contains(share) && failed == 0) {
            "\(text(share)) %, \(failed) failed"
        }.because(rule.reason)
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
            let bounds = row.rule.share
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
