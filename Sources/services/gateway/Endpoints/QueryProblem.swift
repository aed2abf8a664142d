import Bytes
import HTTP

/// What is wrong with a query.
package struct QueryProblem: Error, Equatable {
    package let message: String

    package init(message: String) { self.message = message }
}

extension QueryParameters {
    /// Throws for what cannot be decoded, comes twice, or has a name that is not one of `names`: a typing error that is
    /// not reported looks like a parameter that does nothing.
    func check(names: [String]) throws(QueryProblem) {
        if let problem = problems.first { throw QueryProblem(message: "\(problem)") }
        guard let unknown = unknownNames(besides: names).first else { return }
        let expected = names.isEmpty ? "no parameter" : names.joined(separator: " or ")
        throw QueryProblem(message: "query parameter '\(unknown)' is unknown, expected \(expected)")
    }

    /// `wait=true`: the call waits while no pod is to be had, instead of failing; `wait=false`: it does not. nil if it is
    /// not given: as the service config says.
    func waitForReady() throws(QueryProblem) -> Bool? {
        switch self["wait"] {
        case nil: return nil
        case "true"?: return true
        case "false"?: return false
        case let text?: throw QueryProblem(message: "wait '\(text)' is neither true nor false")
        }
    }

    /// The whole number `name`, or `missing` if it is not given.
    func integer(_ name: String, in range: ClosedRange<Int>, or missing: Int) throws(QueryProblem) -> Int {
        guard let text = self[name] else { return missing }
        guard let number = Decimal.number(text.utf8.span), range.contains(number) else {
            throw QueryProblem(
                message: "\(name) '\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
