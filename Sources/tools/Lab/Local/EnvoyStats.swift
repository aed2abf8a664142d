import LocalCluster

/// What Envoy's admin tells.
package enum EnvoyStats {
    /// Attempts to look the cluster `grpc` up (strict DNS).
    static let lookups = "cluster.grpc.update_attempt"

    /// A line: `cluster.grpc.update_attempt: 12`. nil without one.
    package static func lookups(_ stats: String) -> Int? {
        let line = stats.split(separator: "\n").first { $0.hasPrefix("\(lookups):") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
            .map { min(max(0, $0), RegistryCounts.most) }
    }
}
