package import Terminal

/// Which pod served how many of the requests.
package struct Distribution: Equatable, Sendable {
    /// By pod name.
    package private(set) var served: [String: Int] = [:]
    /// By what went wrong.
    package private(set) var errors: [String: Int] = [:]

    package init() {}

    package mutating func add(_ outcome: Result<String, Failure>) {
        switch outcome {
        case .success(let pod): served[pod, default: 0] += 1
        case .failure(let failure): errors[failure.message, default: 0] += 1
        }
    }

    package var total: Int { served.values.reduce(0, +) + failed }
    package var failed: Int { errors.values.reduce(0, +) }
    package var mostFrequentError: String? { errors.max { $0.value < $1.value }?.key }
}
