import Terminal

/// A bar per pod, as long as its part of all requests.
package enum BarChart {
    private static let width = 40

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
