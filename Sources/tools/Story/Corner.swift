package import Instruments
import LoadBalancing
import LocalCluster

/// One of the four combinations.
struct Corner {
    let title: String
    let explanation: String
    let mode: Mode
    let policy: LoadBalancingPolicyName
    let claim: Claim

    /// How many connections the gateway's channel then has to the grpc pods.
    func connections(pods: Int) -> Int {
        mode == .headless && policy == .roundRobin ? pods : 1
    }

    static let all = [
        Corner(
            title: "ClusterIP, pick_first",
            explanation: """
                The Service's name has one address, a virtual one. Behind it kube-proxy picks a
                pod for every connection, not for every call; and gRPC sends all its calls over
                one connection.
                """,
            mode: .clusterIP, policy: .pickFirst, claim: .onePodServesAll),
        Corner(
            title: "ClusterIP, round_robin",
            explanation: """
                round_robin takes turns among the addresses that DNS gives. That is still only
                the virtual one: one address, one connection, one pod.
                """,
            mode: .clusterIP, policy: .roundRobin, claim: .onePodServesAll),
        Corner(
            title: "Headless, pick_first",
            explanation: """
                A headless Service has no address of its own: DNS answers with those of the pods.
                But pick_first, gRPC's default, takes the first address that works, and stays.
                """,
            mode: .headless, policy: .pickFirst, claim: .onePodServesAll),
        Corner(
            title: "Headless, round_robin",
            explanation: """
                DNS answers with the addresses of the pods, and round_robin keeps a connection to
                each and takes turns, call by call.
                """,
            mode: .headless, policy: .roundRobin, claim: .podsShareEvenly),
    ]
}

/// What a corner of the demo says will happen.
package enum Claim: Equatable, Sendable {
    case onePodServesAll
    /// Every pod serves, and no two of them differ by more than 2 requests.
    case podsShareEvenly
    case everyPodServes

    package var text: String {
        switch self {
        case .onePodServesAll: "one pod serves everything, the others nothing"
        case .podsShareEvenly: "every pod serves its share (most and least differ by 2 at most)"
        case .everyPodServes: "every pod serves"
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
        case .everyPodServes:
            return busy == pods.count ? nil : "\(busy) of \(pods.count) pods served"
        case .podsShareEvenly:
            guard busy == pods.count else { return "\(busy) of \(pods.count) pods served" }
            let difference = (counts.max() ?? 0) - (counts.min() ?? 0)
            return difference <= 2 ? nil : "the pods' shares differ by \(difference) requests, more than 2"
        }
    }
}
