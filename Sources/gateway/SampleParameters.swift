import HTTP
import Timing

/// The query of `/go/sample`: whom to greet, and how long the pod is to take.
struct SampleParameters: Equatable {
    static let maxDelay = Duration.seconds(60)

    var name = ""
    /// As it was written; the pod reads it again from the metadata `x-delay`.
    var delay: String?

    /// What is wrong with a query.
    struct Problem: Error, Equatable {
        let message: String
    }

    init(_ query: QueryParameters) throws(Problem) {
        if let problem = query.problems.first { throw Problem(message: "\(problem)") }
        if let unknown = query.unknownNames(besides: ["name", "delay"]).first {
            throw Problem(message: "query parameter '\(unknown)' is unknown, expected name or delay")
        }
        name = query["name"] ?? ""
        guard let text = query["delay"] else { return }
        guard let duration = DurationText.parse(text), duration <= SampleParameters.maxDelay else {
            throw Problem(message: "delay '\(text)' is not \(DurationText.expectation), at most 60s")
        }
        delay = text
    }
}
