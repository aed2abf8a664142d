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
