/// What etcd and Consul tell of the requests that they got, in Prometheus' text.
package enum RegistryCounts {
    /// etcd counts gRPC calls by method, and the messages of streams: a pod's renewals are messages of one stream.
    package static func etcd(_ metrics: String) -> RegistryRequests {
        RegistryRequests(
            reads: sum(metrics, "grpc_server_started_total{", "grpc_method=\"Range\""),
            watches: sum(metrics, "grpc_server_started_total{", "grpc_method=\"Watch\""),
            entries: sum(metrics, "grpc_server_started_total{", "grpc_method=\"Put\""),
            renewals: sum(metrics, "grpc_server_msg_received_total{", "grpc_method=\"LeaseKeepAlive\""))
    }

    /// Consul counts HTTP requests by path, when it has answered them; what waits for a change is not among them. nil if it
    /// does not count as 1.8 does: later ones have other names.
    package static func consul(_ metrics: String) -> RegistryRequests? {
        let entries = count(metrics, "consul_http_PUT_v1_agent_service_register_count")
        guard entries > 0 else { return nil }
        return RegistryRequests(
            reads: count(metrics, "consul_http_GET_v1_health_service___count"), entries: entries,
            renewals: count(metrics, "consul_http_PUT_v1_agent_check_pass___count"))
    }

    private static func count(_ metrics: String, _ name: String) -> Int { sum(metrics, name + " ", "") }

    /// More than that is no count of a run of minutes.
    static let most = Int(Int32.max)

    /// Of the lines that begin so and have this label, added up: there is one for each further label's value. What is no
    /// count, as NaN, is none.
    private static func sum(_ metrics: String, _ start: String, _ label: String) -> Int {
        metrics.split(separator: "\n").reduce(0) { sum, line in
            guard line.hasPrefix(start), label.isEmpty || line.contains(label),
                let value = line.split(separator: " ").last
            else {
                return sum
            }
            let count = Double(value).flatMap(Int.init(exactly:)) ?? 0
            return min(most, sum + min(most, max(0, count)))
        }
    }
}
