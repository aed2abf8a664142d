import Terminal
import Timing

/// What a run showed of one mode.
struct ModeFigures {
    let mode: String
    let policy: String
    var counts: [Int] = []
    /// From a new pod's readiness to its first call, the quickest and the slowest of five.
    var notice: ClosedRange<Duration>?
    var calls = 0
    var failed = 0
    /// By program, for one call.
    var cpu: [String: Duration] = [:]
    var median: Double?
    var p99: Double?

    static let legend = """

        SERVED: calls of 500 at the busiest and at the idlest of five pods. NEW POD AFTER: from readiness to its
        first call, quickest and slowest of five. FAILED: of calls at 200 a second, while 5 pods become 10, then
        3, and those are replaced. The rest is of 5 000 calls, 20 at a time: CPU time for each, and how long they took.
        """

    static func spread(_ figures: [ModeFigures]) -> Table {
        var table = Table(["MODE", "POLICY", "SERVED", "NEW POD AFTER", "FAILED"])
        table.rows = figures.map { mode in
            [
                mode.mode, mode.policy, "\(mode.counts.max() ?? 0)/\(mode.counts.min() ?? 0)",
                mode.notice.map { "\(seconds($0.lowerBound)) – \(seconds($0.upperBound)) s" } ?? "–",
                "\(mode.failed)/\(mode.calls)",
            ]
        }
        return table
    }

    static func cost(_ figures: [ModeFigures]) -> Table {
        var table = Table(["MODE", "GATEWAY", "PROXY", "GRPC", "P50", "P99"])
        table.rows = figures.map { mode in
            [
                mode.mode, microseconds(mode.cpu["gateway"]), microseconds(mode.cpu["envoy"] ?? mode.cpu["nginx"]),
                microseconds(mode.cpu["grpc-server"]),
                milliseconds(mode.median), milliseconds(mode.p99),
            ]
        }
        return table
    }

    /// With two decimals.
    private static func seconds(_ time: Duration) -> String { hundredths(Int(time.nanoseconds / 10_000_000)) }

    private static func hundredths(_ count: Int) -> String { "\(count / 100).\(count / 10 % 10)\(count % 10)" }

    private static func microseconds(_ time: Duration?) -> String {
        // nginx is there in every mode, and has nothing to do with these calls in most.
        guard let time, time.nanoseconds >= 3000 else { return "–" }
        return "\(time.nanoseconds / 1000) µs"
    }

    private static func milliseconds(_ value: Double?) -> String {
        guard let value, value >= 0, value < 1e9 else { return "–" }
        return "\(hundredths(Int((value * 100).rounded()))) ms"
    }
}
