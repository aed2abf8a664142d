package import HTTP

/// The query of `/go/distribution`.
package struct DistributionParameters: Equatable {
    static let maxRequests = 10_000
    /// More than a server lets one connection have at once only wait in the channel.
    static let maxConcurrency = 1_000

    package let requests: Int
    package let concurrency: Int
    package let waitForReady: Bool?

    package init(_ query: QueryParameters) throws(QueryProblem) {
        try query.check(names: ["requests", "concurrency", "wait"])
        waitForReady = try query.waitForReady()
        requests = try query.integer("requests", in: 1...DistributionParameters.maxRequests, or: 200)
        concurrency = try query.integer("concurrency", in: 1...DistributionParameters.maxConcurrency, or: 10)
    }
}
