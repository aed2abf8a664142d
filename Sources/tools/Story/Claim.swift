/// What a corner of the demo says will happen.
package enum Claim: Equatable, Sendable {
    case onePodServesAll
    /// Every pod serves, and no two of them differ by more than 2 requests.
    case podsShareEvenly

    package var text: String {
        switch self {
        case .onePodServesAll: "one pod serves everything, the others nothing"
        case .podsShareEvenly: "every pod serves its share (most and least differ by 2 at most)"
        }
    }

    /// What speaks against the claim; nil if it holds.
    package func objection(to distribution: Distribution, pods: [String]) -> String? {
        if let error = distribution.mostFrequentError {
            return "\(distribution.failed) of \(distribution.total) requests failed: \(error)"
        }
        if let stranger = distribution.served.keys.sorted().first(where: { !pods.contains($0) }) {
            return "\(stranger) answered, which is none of the pods"
        }
        let counts = pods.map { distribution.served[$0] ?? 0 }
        let busy = counts.count { $0 > 0 }
        switch self {
        case .onePodServesAll:
            return busy == 1 ? nil : "\(busy) pods served, not one"
        case .podsShareEvenly:
            guard busy == pods.count else { return "\(busy) of \(pods.count) pods served" }
            let difference = (counts.max() ?? 0) - (counts.min() ?? 0)
            return difference <= 2 ? nil : "the pods' shares differ by \(difference) requests, more than 2"
        }
    }
}
