/// How many questions a dnsmasq has answered, as it tells in its log when it gets SIGUSR1.
package enum QueryCount {
    /// In `queries forwarded 0, queries answered locally 12`; the servers' own names are all local.
    private static let mark = "queries answered locally "

    /// The last count in the log, and how often it was told; nil if it was not.
    package static func last(in log: [UInt8]) -> (count: Int, told: Int)? {
        let counts = String(decoding: log, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.firstRange(of: mark).flatMap { Int(line[$0.upperBound...].prefix { $0.isNumber }) }
        }
        return counts.last.map { ($0, counts.count) }
    }
}
