package import LoadBalancing

/// Where a collector takes spans: the URL of `OTEL_EXPORTER_OTLP_ENDPOINT`.
package struct CollectorAddress: Hashable, Sendable {
    package static let expectation =
        "the URL of a collector's gRPC receiver, http://host[:port] or https://host[:port], such as"
        + " http://collector:4317"

    /// OTLP's own over gRPC; over TLS that of https, at which whoever runs back ends for others listens.
    private static let port = 4317
    private static let securePort = 443

    package let target: Target
    package let isSecure: Bool

    /// nil for text that is no such URL; a path, which is OTLP over HTTP's, is none here.
    package init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0].lowercased()) else { return nil }
        isSecure = parts[0].lowercased() == "https"
        var endpoint = parts[1]
        if endpoint.last == "/" { endpoint.removeLast() }
        guard !endpoint.isEmpty,
            endpoint.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !CollectorAddress.ends.contains($0) })
        else { return nil }
        // Behind the bracket of an address with colons of its own.
        let hasPort = endpoint.lastIndex(of: ":").map { !endpoint[$0...].contains("]") } ?? false
        guard endpoint.hasPrefix("[") || endpoint.count(where: { $0 == ":" }) < 2 else { return nil }
        let port = isSecure ? CollectorAddress.securePort : CollectorAddress.port
        target = Target(scheme: "dns", endpoint: hasPort ? String(endpoint) : "\(endpoint):\(port)")
    }

    /// What begins another part of a URL, or ends a user's name.
    private static let ends: [UInt8] = ["/", "?", "#", "@"].flatMap { Array($0.utf8) }
}

extension CollectorAddress: CustomStringConvertible {
    package var description: String { "\(isSecure ? "https" : "http")://\(target.endpoint)" }
}
