package import RPCCore

/// What many calls came to: who served how many, how long they took, and what failed.
package struct Distribution: Equatable {
    package struct Pod: Equatable {
        package let hostname: String
        package let count: Int
    }

    /// The calls that ended with one code.
    package struct Problem: Equatable {
        package let code: StatusCode
        package var count: Int
        /// Of the first one.
        package let message: String
    }

    private var served: [String: Int] = [:]
    private var latencies: [Duration] = []
    /// In the order in which the codes came up.
    package private(set) var problems: [Problem] = []

    package init() {}

    package mutating func addReply(from hostname: String, after latency: Duration) {
        served[hostname, default: 0] += 1
        latencies.append(latency)
    }

    package mutating func addFailure(_ error: RPCError) {
        if let index = problems.firstIndex(where: { $0.code == error.code }) {
            problems[index].count += 1
        } else {
            problems.append(Problem(code: error.code, count: 1, message: error.message))
        }
    }

    package var succeeded: Int { latencies.count }
    package var failed: Int { problems.reduce(0) { $0 + $1.count } }

    /// By name.
    package var pods: [Pod] {
        served.sorted { $0.key < $1.key }.map { Pod(hostname: $0.key, count: $0.value) }
    }

    /// Jain's index over the pods that answered: 1 if each served as many, 1/n if one of n served nearly all; nil
    /// without an answer. A pod that served none is unknown here, so read it beside the number of pods.
    package var fairness: Double? {
        guard !served.isEmpty else { return nil }
        let counts = served.values.map(Double.init)
        let sum = counts.reduce(0, +)
        return sum * sum / (Double(counts.count) * counts.reduce(0) { $0 + $1 * $1 })
    }

    package struct Latencies: Equatable {
        package let median: Duration
        package let p90: Duration
        package let p99: Duration
        package let longest: Duration
    }

    /// By nearest rank; nil without an answer.
    package var latency: Latencies? {
        guard let longest = latencies.max() else { return nil }
        let sorted = latencies.sorted()
        func percentile(_ percent: Int) -> Duration {
            sorted[max((sorted.count * percent + 99) / 100 - 1, 0)]
        }
        return Latencies(median: percentile(50), p90: percentile(90), p99: percentile(99), longest: longest)
    }
}
