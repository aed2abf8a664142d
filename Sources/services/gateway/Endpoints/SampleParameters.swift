import HTTP
import Timing

/// The query of `/go/sample`: whom to greet, and how long the pod is to take.
struct SampleParameters: Equatable {
    static let maxDelay = Duration.seconds(60)

    var name = ""
    /// As it was written; the pod reads it again from the metadata `x-delay`.
    var delay: String?
    var waitForReady: Bool?

    init(_ query: QueryParameters) throws(QueryProblem) {
        try query.check(names: ["name", "delay", "wait"])
        name = query["name"] ?? ""
        waitForReady = try query.waitForReady()
        guard let text = query["delay"] else { return }
        guard let duration = DurationText.parse(text), duration <= SampleParameters.maxDelay else {
            throw QueryProblem(message: "delay '\(text)' is not a duration of at most 60s, such as 250ms or 10s")
        }
        delay = text
    }
}
