import Telemetry

/// What a registry shows, without comments and without buckets: `name{labels}` → value.
func samples(_ registry: MetricRegistry) -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in String(decoding: registry.text, as: UTF8.self).split(separator: "\n") {
        guard !line.hasPrefix("#"), !line.contains("_bucket{"), let space = line.lastIndex(of: " ") else { continue }
        samples[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
    return samples
}
