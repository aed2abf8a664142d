package import HTTP

/// The query of `/go/stream`.
package struct StreamParameters: Equatable {
    package static let maxCount = 10_000
    package static let maxInterval = 60_000

    package let name: String
    package let count: UInt32
    package let intervalMilliseconds: UInt32
    package let waitForReady: Bool?

    package init(_ query: QueryParameters) throws(QueryProblem) {
        try query.check(names: ["name", "count", "interval_ms", "wait"])
        name = query["name"] ?? ""
        waitForReady = try query.waitForReady()
        count = UInt32(try query.integer("count", in: 1...StreamParameters.maxCount, or: 10))
        intervalMilliseconds = UInt32(
            try query.integer("interval_ms", in: 0...StreamParameters.maxInterval, or: 1_000))
    }

    /// How long the pod takes for it on purpose.
    package var duration: Duration { .milliseconds(Int64(count - 1) * Int64(intervalMilliseconds)) }
}
