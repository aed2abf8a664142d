package import Terminal

/// Which pod served how many of the requests.
package struct Distribution: Equatable, Sendable {
    /// By pod name.
    package private(set) var served: [String: Int] = [:]
    /// By what went wrong.
    package private(set) var errors: [String: Int] = [:]

    package init() {}

    package mutating func add(_ outcome: Result<String, Failure>) {
        switch outcome {
        case .success(let pod): served[pod, default: 0] += 1
        case .failure(let failure): errors[failure.message, default: 0] += 1
        }
    }

    package var total: Int { served.values.reduce(0, +) + failed }
    package var failed: Int { errors.values.reduce(0, +) }
    /// The pod that served most; nil: none served.
    package var busiest: String? { served.max { $0.value < $1.value }?.key }
    package var mostFrequentError: String? { errors.max { $0.value < $1.value }?.key }
}

/// A bar per pod, as long as its part of all requests.
package enum BarChart {
    /// Beside the longest name of a grpc pod, and a count of four digits, in the 69 columns of the demo.
    private static let width = 25

    /// All pods in their order, also those that served nothing.
    package static func lines(_ distribution: Distribution, pods: [String]) -> [String] {
        let names = pods + distribution.served.keys.filter { !pods.contains($0) }.sorted()
        let longest = names.map(\.count).max() ?? 0
        let total = max(distribution.total, 1)
        let digits = "\(total)".count
        return names.map { pod in
            let count = distribution.served[pod] ?? 0
            // A pod that served anything at all shows.
            let length = count == 0 ? 0 : max(1, (count * width + total / 2) / total)
            let bar = String(repeating: "█", count: length)
            return "\(pod.padded(to: longest))  \("\(count)".rightAligned(to: digits))"
                + (bar.isEmpty ? "" : "  \(bar)")
        }
    }
}
