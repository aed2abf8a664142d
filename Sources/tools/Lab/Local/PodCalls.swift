/// How many calls a grpc pod has under way, as its own figures tell: those that began, less those that ended.
package enum PodCalls {
    /// Of the sample's own method only; health checks and watches are calls, too. `metrics` is Prometheus' text.
    package static func underWay(_ metrics: String) -> Int {
        Int(
            sum(of: "grpc_server_call_started_total{", in: metrics)
                - sum(of: "grpc_server_call_duration_seconds_count{", in: metrics))
    }

    private static func sum(of series: String, in metrics: String) -> Double {
        metrics.split(separator: "\n").reduce(0) { sum, line in
            guard line.hasPrefix(series), line.contains("/SayHello\""), let value = line.split(separator: " ").last
            else {
                return sum
            }
            return sum + (Double(value) ?? 0)
        }
    }
}
